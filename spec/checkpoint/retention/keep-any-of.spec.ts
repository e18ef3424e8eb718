import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint } from '../../../lib/checkpoint/checkpoint.js';
import { explain } from '../../../lib/checkpoint/retention/explain.js';
import { keepAll } from '../../../lib/checkpoint/retention/keep-all.js';
import { keepAnyOf } from '../../../lib/checkpoint/retention/keep-any-of.js';
import { keepBest } from '../../../lib/checkpoint/retention/keep-best.js';
import { keepEveryHours } from '../../../lib/checkpoint/retention/keep-every-hours.js';
import { keepEverySteps } from '../../../lib/checkpoint/retention/keep-every-steps.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { pinned } from '../../../lib/checkpoint/retention/pinned.js';
import type { Retention } from '../../../lib/checkpoint/retention/retention.js';
import { keptSteps, left, saved } from './saved.js';

const test = suite('keepAnyOf');

test('keeps what any of them keeps', () => {
  const steps = [0, 10, 20, 30, 40, 50].map((step) => saved(step));
  assert.equal(keptSteps(keepAnyOf(keepLatest(2), keepEverySteps(20)), steps), [0, 20, 40, 50]);
});

test('gives all reasons', () => {
  assert.equal(keepAnyOf(keepLatest(1), pinned('model.ckpt-2')).reasons([saved(1), saved(2)]), [
    undefined,
    'among the latest 1; pinned',
  ]);
});

test('tells of what it is made', () => {
  assert.is(keepAnyOf(keepLatest(1), keepAll()).name, 'keepAnyOf(keepLatest(1), keepAll())');
});

test('refuses what is no retention', () => {
  assert.throws(() => keepAnyOf(), /^keepAnyOf\(\.\.\.retentions\): expected at least one, received none/);
  assert.throws(() => keepAnyOf(5 as never), /expected retentions, e\.g\. keepLatest\(5\), received 5/);
});

const checkpoints = fc
  .array(
    fc.record({
      advance: fc.integer({ min: 1, max: 30 }),
      minutes: fc.integer({ min: -20, max: 200 }),
      loss: fc.double(),
    }),
  )
  .map((rows) => {
    let [globalStep, savedAt] = [0, 1e9];
    return rows.map(({ advance, minutes, loss }): Checkpoint => {
      globalStep += advance;
      savedAt += minutes * 60;
      return saved(globalStep, { savedAt, metrics: new Map([['loss', loss]]) });
    });
  });

const simple: fc.Arbitrary<Retention> = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map(keepLatest),
  fc.integer({ min: 1, max: 50 }).map(keepEverySteps),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom('lastKept' as const, 'start' as const))
    .map(([hours, countFrom]) => keepEveryHours(hours, { countFrom })),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('min' as const, 'max' as const))
    .map(([count, mode]) => keepBest('loss', count, { mode })),
  fc.constantFrom(
    keepAll(),
    pinned(({ globalStep }) => globalStep % 7 === 0),
  ),
);
const any = fc.oneof(
  simple,
  fc.tuple(simple, simple).map(([a, b]) => keepAnyOf(a, b)),
);

test('law: is the union of its parts', () => {
  fc.assert(
    fc.property(simple, simple, checkpoints, (a, b, all) => {
      const union = new Set([...keptSteps(a, all), ...keptSteps(b, all)]);
      assert.equal(
        keptSteps(keepAnyOf(a, b), all),
        all.map(({ globalStep }) => globalStep).filter((step) => union.has(step)),
      );
    }),
  );
});

test('law: the newest is always kept', () => {
  fc.assert(
    fc.property(any, checkpoints, (retention, all) => {
      if (all.length > 0) assert.ok(explain(retention, all).at(-1)?.isKept);
    }),
  );
});

test('law: of what is kept, applied again, all is kept', () => {
  fc.assert(
    fc.property(any, checkpoints, (retention, all) => {
      const kept = explain(retention, all).filter(({ isKept }) => isKept);
      const again = explain(
        retention,
        kept.map(({ checkpoint }) => checkpoint),
      );
      assert.equal(
        again.filter(({ isKept }) => !isKept),
        [],
      );
    }),
  );
});

test('law: what is left does not depend on how often it was applied', () => {
  fc.assert(
    fc.property(any, checkpoints, (retention, all) => {
      const atOnce = explain(retention, all).filter(({ isKept }) => isKept);
      assert.equal(
        left(retention, all),
        atOnce.map(({ checkpoint }) => checkpoint.globalStep),
      );
    }),
  );
});

test('law: a lowered limit works at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), checkpoints, (before, after, all) => {
      const present = all.filter((_, index) => keepLatest(before).reasons(all)[index] !== undefined);
      assert.is(keptSteps(keepLatest(after), present).length, Math.min(before, after, all.length));
    }),
  );
});

test.run();
