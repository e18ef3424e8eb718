import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCheckpoints } from '../../../lib/checkpoint/find-checkpoints.js';
import { DEFAULT_FORMATS } from '../../../lib/checkpoint/read-checkpoint.js';
import { keepBest } from '../../../lib/checkpoint/retention/keep-best.js';
import type { Retention } from '../../../lib/checkpoint/retention/retention.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { UnknownMetricError } from '../../../lib/error/unknown-metric-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import { type MarbleHelpers, marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { keptSteps, left, saved } from './saved.js';

const test = suite('keepBest');

function withLosses(...losses: readonly (number | undefined)[]) {
  return losses.map((loss, step) =>
    saved(step, { metrics: new Map<string, number>(loss === undefined ? [] : [['loss', loss]]) }),
  );
}

for (const { title, mode, count, losses, kept } of [
  { title: 'the lowest', mode: 'min', count: 2, losses: [5, 3, 4, 1, 2], kept: [3, 4] },
  { title: 'the highest', mode: 'max', count: 2, losses: [5, 3, 4, 1, 2], kept: [0, 2] },
  { title: 'the older of equal ones', mode: 'min', count: 2, losses: [5, 1, 1, 1], kept: [1, 2] },
  { title: 'none that has no number', mode: 'min', count: 3, losses: [undefined, 2, Number.NaN, 1], kept: [1, 3] },
  {
    title: 'infinities in their order',
    mode: 'min',
    count: 2,
    losses: [Infinity, -Infinity, Infinity, 3],
    kept: [1, 3],
  },
  { title: 'fewer than there may be', mode: 'max', count: 9, losses: [undefined, 1], kept: [1] },
] as const) {
  test(`keeps ${title}`, () => {
    assert.equal(keptSteps(keepBest('loss', count, { mode }), withLosses(...losses)), kept);
  });
}

test('says how good each is', () => {
  assert.equal(keepBest('loss', 2, { mode: 'min' }).reasons(withLosses(0.5, 0.25, 0.75)), [
    'number 2 of the best 2 by loss (0.5)',
    'number 1 of the best 2 by loss (0.25)',
    undefined,
  ]);
});

test('keeps the best however much is saved and deleted after it', () => {
  assert.equal(left(keepBest('loss', 1, { mode: 'min' }), withLosses(9, 1, 8, 7, 6, 5)), [1, 5]);
});

test('waits for metrics before it says that one is unknown', () => {
  const retention = keepBest('los', 1, { mode: 'min' });
  assert.equal(keptSteps(retention, withLosses(undefined, undefined)), []);
  assert.throws(
    () => retention.reasons([saved(0), saved(1, { metrics: new Map(Object.entries({ loss: 1, accuracy: 0.5 })) })]),
    (error: unknown) =>
      error instanceof UnknownMetricError &&
      error.code === 'UNKNOWN_METRIC' &&
      error.metric === 'los' &&
      error.message === 'no checkpoint has a metric "los"; there are: accuracy, loss',
  );
});

test('takes no offence at a metric that may be missing', () => {
  const retention = keepBest('validation/loss', 1, { mode: 'min', mayBeMissing: true });
  assert.equal(keptSteps(retention, withLosses(1, 2)), []);
});

/** The metrics of what a run left in its store, by step, or the error that it failed with. */
function trained({ flush }: MarbleHelpers, retention: Retention): unknown {
  const store = memoryStore();
  let outcome: unknown;
  const losses = [0, 5, 2, 3, 4];
  scriptedSession('-1-2-3-4-|', { outputs: (step) => ({ loss: losses[step] ?? 0 }) })
    .pipe(checkpointSaver(storeSaver(store, { retention }), { trigger: everySteps(1) }))
    .subscribe({
      error: (error: unknown) => {
        outcome = error;
      },
      complete: () =>
        findCheckpoints(store, DEFAULT_FORMATS).subscribe((found) => {
          outcome = found.map(({ globalStep, metrics }) => [globalStep, metrics.get('loss')]);
        }),
    });
  flush();
  return outcome;
}

test(
  'leaves the best and the newest of a run on disk',
  marbles((helpers) => {
    assert.equal(trained(helpers, keepBest('loss', 2, { mode: 'min' })), [
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  }),
);

test(
  'fails a run that measures no such metric at its first save with metrics',
  marbles((helpers) => {
    assert.equal(trained(helpers, keepBest('los', 2, { mode: 'min' })), new UnknownMetricError('los', ['loss']));
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => keepBest('', 1, { mode: 'min' }), /^keepBest\(metric\): expected a name, received an empty one/);
  assert.throws(() => keepBest(5 as never, 1, { mode: 'min' }), /expected a name, received number/);
  assert.throws(() => keepBest('loss', 0, { mode: 'min' }), /^keepBest\(count\): expected a whole number from 1/);
  assert.throws(() => keepBest('loss', 1, { mode: 'best' as never }), /expected 'min' or 'max', received "best"/);
});

test.run();
