import { tensor2d, train } from '@tensorflow/tfjs-core';
import { mlp } from '../../docs/examples/digits/model.js';
import type { BackgroundSaver } from './background-saver.js';
import { type Measured, measuredOf } from './measure.js';

const TRAINED_MS = 1200;
const ROUNDS = 7;
const WARM_UP_ROUNDS = 1;
const BATCH = 64;
const PIXELS = 784;

/** What is left of the speed of training while saves follow one another without a pause, in per cent. */
export interface BesideTraining {
  /** Of the time in which the loop is not held: what the thread that writes costs. */
  readonly whileWriting: Measured;
  /** Of all the time, the copies that hold the loop included. */
  readonly inAll: Measured;
}

/** Measures the same step with and without saves beside it, in turn, so that what else the machine does hits both. */
export async function besideTraining(saver: BackgroundSaver, step: () => unknown): Promise<BesideTraining> {
  const whileWriting: number[] = [];
  const inAll: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const before = await stepsPerSecond(step);
    const during = await stepsPerSecond(step, saver);
    const after = await stepsPerSecond(step);
    if (round < 0) continue;
    const alone = (before.unheld + after.unheld) / 2;
    whileWriting.push((100 * during.unheld) / alone);
    inAll.push((100 * during.inAll) / alone);
  }
  return { whileWriting: measuredOf(whileWriting), inAll: measuredOf(inAll) };
}

async function stepsPerSecond(
  step: () => unknown,
  saver?: BackgroundSaver,
): Promise<{ readonly unheld: number; readonly inAll: number }> {
  const startedAt = performance.now();
  let heldMs = 0;
  let isOver = false;
  const saves =
    saver === undefined
      ? undefined
      : (async () => {
          while (!isOver) heldMs += (await saver.save()).held;
        })();
  let steps = 0;
  while (performance.now() - startedAt < TRAINED_MS) {
    await step();
    steps++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ms = performance.now() - startedAt;
  isOver = true;
  const heldInTime = heldMs;
  await saves;
  return { unheld: (steps * 1000) / (ms - heldInTime), inAll: (steps * 1000) / ms };
}

let sink = 0;

/** A step that only computes. */
export function computingStep(): void {
  for (let i = 0; i < 300_000; i++) sink = (sink * 1.000_001 + i) % 1009;
}

/** A step of the digits example's MLP in TensorFlow.js. */
export function mlpStep(): () => unknown {
  const model = mlp(1);
  model.compile({ optimizer: train.adam(0.001), loss: 'meanSquaredError' });
  const images = tensor2d(
    Float32Array.from({ length: BATCH * PIXELS }, (_, i) => (i * 7) % 5),
    [BATCH, PIXELS],
  );
  const labels = tensor2d(
    Float32Array.from({ length: BATCH * 10 }, (_, i) => (i % 11 === 0 ? 1 : 0)),
    [BATCH, 10],
  );
  return () => model.trainOnBatch(images, labels);
}
