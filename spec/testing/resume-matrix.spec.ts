// The law of resuming over every optimizer of TensorFlow.js, both savers and both formats: a part of the matrix in every
// test run, all of it in a soak. In a soak a run is cut after each of its steps, or after four if a thread has to be
// started for each.

import { train } from '@tensorflow/tfjs-core';
import { lastValueFrom, take, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { MetricsEvent } from '../../lib/hook/metrics-event.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { fileStore } from '../../lib/store/file-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { resumeLaw } from '../../lib/testing/resume-law.js';
import { counted, isSoak, times } from '../faults/soak.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { type LearningRunOptions, learningRun, OPTIMIZERS, startBackend } from './resume/learning-run.js';

const test = suite('resumeLaw: the matrix');
const FORMATS = [tensorBundle(), safetensors()];
const counts = { cells: 0, cuts: 0, differences: 0 };

interface Cell extends LearningRunOptions {
  readonly name: string;
  readonly backend: 'wasm' | 'cpu';
}

const cells = Object.entries(OPTIMIZERS).flatMap(([name, optimizer], row) =>
  [false, true].flatMap((isAsync) =>
    FORMATS.flatMap((format) =>
      (['mlp', 'convnet'] as const).flatMap((model) =>
        [false, true].flatMap((hasHooks): Cell | readonly never[] => {
          // A few of each kind, such that every optimizer, saver, format, model and all hooks come up.
          const place = (isAsync ? 1 : 0) + (format === FORMATS[0] ? 0 : 2);
          const isQuick = hasHooks
            ? name === 'adam' && (model === 'mlp') !== isAsync
            : row % 4 === place && (model === 'mlp' || name === 'momentum');
          // In the soak all, but hooks with every optimizer only where a run is quick.
          // Centered RMSProp makes NaN of the poisoned batch that the run with hooks is to roll back from.
          const bearsPoison = name !== 'centered rmsprop';
          const isWanted = !hasHooks || name === 'adam' || (model === 'mlp' && !isAsync && bearsPoison);
          const backend = model === 'mlp' ? 'wasm' : 'cpu';
          return (isSoak && isWanted) || isQuick ? { name, optimizer, isAsync, format, model, hasHooks, backend } : [];
        }),
      ),
    ),
  ),
);

for (const { name, backend, ...options } of cells) {
  const saver = options.isAsync ? 'in the background' : 'in line';
  const what = `${name}, ${options.model} on ${backend}, ${options.format.name} ${saver}`;
  test(`holds for ${what}${options.hasHooks ? ', with every hook that has a state' : ''}`, async () => {
    await startBackend(backend);
    const folders: ReturnType<typeof temporaryFolder>[] = [];
    const makeStore = () => {
      const folder = temporaryFolder();
      folders.push(folder);
      return fileStore(folder.path);
    };
    // Without a background memory does, and is much faster.
    const store = options.isAsync ? { makeStore } : {};
    // Past the second epoch of five batches.
    const expected = times(2, options.isAsync ? 4 : 12);
    const { cuts } = await resumeLaw(learningRun(options), { steps: 13, cuts: expected, ...store });
    assert.is(cuts.length, expected);
    assert.ok(
      cuts.every(({ cut, resumedFrom }) => resumedFrom <= cut),
      JSON.stringify(cuts),
    );
    counts.cells++;
    counts.cuts += cuts.length;
    for (const { dispose } of folders) dispose();
  });
}

test('holds wherever a run is cut: saved at each step, resumed from each, trained to the end', async () => {
  await startBackend('wasm');
  const steps = times(12, 60);
  const optimizer = () => train.adam(0.01);
  for (const format of FORMATS) {
    const options = { optimizer, model: 'mlp', format, isAsync: false, hasHooks: false, saveSteps: 1 } as const;
    const { cuts } = await resumeLaw(learningRun(options), { steps, cuts: 'every' });
    assert.equal(
      cuts,
      Array.from({ length: steps - 1 }, (_, at) => ({ cut: at + 1, resumedFrom: at + 1 })),
    );
    counts.cuts += cuts.length;
    counted(`a run cut after each of its steps, ${format.name}`, { steps, cuts: cuts.length, differences: 0 });
  }
});

test('the run with all hooks leaps, goes back, lowers its rate, averages and stops for nothing', async () => {
  await startBackend('wasm');
  const options = { optimizer: () => train.adam(0.01), model: 'mlp', format: tensorBundle(), isAsync: false } as const;
  const run = learningRun({ ...options, hasHooks: true })(memoryStore());
  const events = await lastValueFrom(run.pipe(take(200), toArray()));
  const of = (type: string): readonly AnyEvent[] => events.filter((event) => event.type === type);
  assert.ok(of('sessionCreated').length >= 2, 'it never went back');
  const metrics = events.filter((event) => event instanceof MetricsEvent);
  const rates = metrics.flatMap(({ metrics: found }) => found.get('rate') ?? []);
  assert.ok(Math.min(...rates.slice(6)) < 0.05 * 0.7 ** 2, `rates ${rates}`);
  for (const source of ['validation', 'tally', 'schedule']) {
    assert.ok(
      metrics.some((event) => event.source === source),
      source,
    );
  }
});

test('the matrix was run', () => {
  assert.ok(counts.cells >= 11, `${counts.cells} cells`);
  counted('resume matrix', counts);
});

test.run();
