import type { Observable } from 'rxjs';
import {
  type AnyEvent,
  anyOf,
  checkpointSaver,
  everySteps,
  keepLatest,
  nanGuard,
  random,
  shuffledBatches,
  stopAtStep,
  storeSaver,
  trainingSession,
} from '../../index.js';
import type { RunContext } from '../../node.js';
import { SpiralNetwork } from './spiral-network.js';

export const options = {
  steps: 2000,
  seed: 7,
  learningRate: 0.003,
  hidden: 32,
  batchSize: 64,
  saveSteps: 400,
};

export type SpiralOptions = typeof options;

const POINTS_PER_ARM = 300;
const ARMS = 3;

/** A session that learns to tell the arms of a spiral apart: what a session module looks like. */
export const session = (context: RunContext<SpiralOptions>): Observable<AnyEvent> => {
  const { options, store, restore, saveRequests, signal, logger } = context;
  const { points, labels } = drawSpiral(options.seed);
  return trainingSession({
    scaffold: { create: () => ({ network: new SpiralNetwork(options.hidden, options.seed) }) },
    input: shuffledBatches({
      size: labels.length,
      batchSize: options.batchSize,
      seed: options.seed,
      take: (indices) => ({
        points: Float32Array.from(
          { length: indices.length * 2 },
          (_, i) => points[(indices[i >> 1] as number) * 2 + (i & 1)] as number,
        ),
        labels: Uint8Array.from(indices, (index) => labels[index] as number),
      }),
    }),
    step: ({ state, batch }) => state.network.train(batch.points, batch.labels, options.learningRate),
    restore,
    signal,
    logger,
  }).pipe(
    nanGuard('loss'),
    stopAtStep({ lastStep: options.steps }),
    checkpointSaver(storeSaver(store, { retention: keepLatest(3) }), {
      trigger: anyOf(everySteps(options.saveSteps), () => saveRequests),
    }),
  );
};

/** Points on three arms that wind around each other, a little scattered. */
function drawSpiral(seed: number): { readonly points: Float32Array; readonly labels: Uint8Array } {
  const draw = random(seed, 'demo/spiral');
  const points = new Float32Array(ARMS * POINTS_PER_ARM * 2);
  const labels = new Uint8Array(ARMS * POINTS_PER_ARM);
  for (let i = 0; i < labels.length; i++) {
    const arm = i % ARMS;
    const share = Math.floor(i / ARMS) / POINTS_PER_ARM;
    const angle = (arm * 2 * Math.PI) / ARMS + share * 5 + draw.normal() * 0.12;
    points[2 * i] = share * Math.cos(angle) * 2;
    points[2 * i + 1] = share * Math.sin(angle) * 2;
    labels[i] = arm;
  }
  return { points, labels };
}
