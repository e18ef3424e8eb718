// What all of it costs a training that is real: the digits example's MLP, in a bare loop and in a session with hooks,
// background saves and summaries.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor2d, train } from '@tensorflow/tfjs-core';
import { from, lastValueFrom, tap, throwError } from 'rxjs';
import { startBackend } from '../../docs/examples/digits/backend.js';
import { type DigitBatch, PIXELS, takeDigits } from '../../docs/examples/digits/digits.js';
import { drawDigits } from '../../docs/examples/digits/drawn-digits.js';
import { mlp } from '../../docs/examples/digits/model.js';
import {
  asyncCheckpointSaver,
  everySteps,
  nanGuard,
  random,
  type Saver,
  silentLogger,
  stepCounter,
  stepOutputs,
  stopAtStep,
  summarySaver,
  trainingSession,
} from '../../lib/index.js';
import { eventFileWriter } from '../../lib/node.js';
import { classify, modelPart, optimizerPart, trainStep } from '../../lib/tfjs/index.js';
import { type BenchmarkReport, interleaved, type Measured, ratio, spread } from './measure.js';
import { openBackground } from './open-background.js';

const BATCH = 64;
const BATCHES = 20;
const STEPS = 320;
const CLASSES = 10;
const SCALARS = 10;

export async function run(): Promise<BenchmarkReport> {
  const backend = await startBackend();
  if (backend !== 'wasm') throw new Error(`expected the backend wasm, received ${backend}`);
  const digits = drawDigits(BATCH * BATCHES, random(1, 'bench'));
  const batches = Array.from({ length: BATCHES }, (_, i) =>
    takeDigits(
      digits,
      Array.from({ length: BATCH }, (__, j) => i * BATCH + j),
    ),
  );
  const m = await interleaved(
    {
      bare: () => bareLoop(batches),
      trainOnBatch: () => trainOnBatchLoop(batches),
      session: () => sessionLoop(batches, false),
      whole: () => sessionLoop(batches, true),
    },
    { rounds: 11, warmUpRounds: 1 },
  );
  const row = (name: string, measured: Measured): string[] => [name, spread(measured, 3), ratio(measured, m.bare)];
  return {
    title: 'A step of the digits MLP in TensorFlow.js on wasm, batch 64, in milliseconds',
    columns: ['loop', 'a step', '÷ bare'],
    rows: [
      row('bare: the function of `trainStep` in a `for` loop', m.bare),
      row('`model.trainOnBatch`, awaited', m.trainOnBatch),
      row('a session without hooks', m.session),
      row('a session with all of it', m.whole),
    ],
    notes: [
      'All of it: NaN guard, stop at a step, step counter, 10 scalars every 10 steps into an event file, a durable background save every 100.',
      '`trainOnBatch` computes the loss alone, the others the accuracy, too.',
      'Goal: all of it at most 1.02 × the bare loop.',
    ],
  };
}

function makeState() {
  const model = mlp(1);
  return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.001), { model }) };
}
type State = ReturnType<typeof makeState>;

function disposeState({ model, optimizer }: State): void {
  optimizer.dispose();
  model.dispose();
}

/** As many scalars as are told of a step. */
function manyScalars({ loss, accuracy }: { readonly loss: number; readonly accuracy: number }) {
  const more = Object.fromEntries(Array.from({ length: SCALARS - 2 }, (_, i) => [`loss_${i}`, loss + i]));
  return { loss, accuracy, ...more };
}

const takeStep = trainStep({ forward: classify });
const batchOf = (batches: readonly DigitBatch[], step: number): DigitBatch =>
  batches[step % batches.length] as DigitBatch;

/** Milliseconds for each step, after those that the engine needs to get warm. */
function bareLoop(batches: readonly DigitBatch[]): number {
  const state = makeState();
  let startedAt = 0;
  for (let step = 0; step < STEPS; step++) {
    if (step === 20) startedAt = performance.now();
    manyScalars(takeStep({ state, batch: batchOf(batches, step) }));
  }
  const each = (performance.now() - startedAt) / (STEPS - 20);
  disposeState(state);
  return each;
}

async function trainOnBatchLoop(batches: readonly DigitBatch[]): Promise<number> {
  const model = mlp(1);
  model.compile({ optimizer: train.adam(0.001), loss: 'meanSquaredError' });
  let startedAt = 0;
  for (let step = 0; step < STEPS; step++) {
    if (step === 20) startedAt = performance.now();
    const { inputs, labels } = batchOf(batches, step);
    const images = tensor2d(inputs, [BATCH, PIXELS]);
    const hot = new Float32Array(BATCH * CLASSES);
    for (const [i, label] of labels.entries()) hot[i * CLASSES + label] = 1;
    const wanted = tensor2d(hot, [BATCH, CLASSES]);
    await model.trainOnBatch(images, wanted);
    images.dispose();
    wanted.dispose();
  }
  const each = (performance.now() - startedAt) / (STEPS - 20);
  model.dispose();
  return each;
}

/** The same steps in a session; holds and what hooks do are in it, its beginning and its end are not. */
async function sessionLoop(batches: readonly DigitBatch[], hasHooks: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  let [startedAt, endedAt] = [0, 0];
  const bare$ = trainingSession({
    scaffold: { create: makeState, dispose: disposeState },
    step: ({ state, globalStep }) => manyScalars(takeStep({ state, batch: batchOf(batches, globalStep) })),
    logger: silentLogger,
  }).pipe(stopAtStep({ lastStep: STEPS }));
  const run$ = !hasHooks
    ? bare$
    : bare$.pipe(
        nanGuard('loss'),
        stepCounter({ trigger: everySteps(100) }),
        summarySaver(eventFileWriter(join(folder, 'summaries')), { trigger: everySteps(10), values: [stepOutputs()] }),
        asyncCheckpointSaver(backgroundSaver(join(folder, 'checkpoints')), { trigger: everySteps(100) }),
      );
  await lastValueFrom(
    run$.pipe(
      tap((event) => {
        if (event.type !== 'step' || !('globalStep' in event)) return;
        if (event.globalStep === 20) startedAt = performance.now();
        if (event.globalStep === STEPS) endedAt = performance.now();
      }),
    ),
  );
  rmSync(folder, { recursive: true, force: true });
  return (endedAt - startedAt) / (STEPS - 20);
}

/** A saver whose thread is bundled, as a package has it. */
function backgroundSaver(folder: string): Saver {
  return {
    location: folder,
    open: () => throwError(() => new Error('expected to be opened for the background')),
    openBackground: (copies) => from(openBackground(folder, copies)),
  };
}
