import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepAnyOf } from '../../../lib/checkpoint/retention/keep-any-of.js';
import { keepEveryHours } from '../../../lib/checkpoint/retention/keep-every-hours.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { keptSteps, left, saved, savedEvery } from './saved.js';

const test = suite('keepEveryHours');
const at = (hours: readonly number[]) => hours.map((hour, i) => saved(i + 1, { savedAt: hour * 3600 }));

// TensorFlow's own examples: the two newest and one an hour, a save every half hour, #1 at 0:30 to #12 at 6:00.
for (const { title, options, onDisk } of [
  { title: "CheckpointManager's example", options: { since: 0 }, onDisk: [2, 4, 6, 8, 10, 11, 12] },
  {
    title: "Saver's example",
    options: { since: 0, countFrom: 'start' as const },
    onDisk: [3, 5, 7, 9, 11, 12],
  },
  { title: 'the example, counted from its first checkpoint', options: {}, onDisk: [1, 3, 5, 7, 9, 11, 12] },
]) {
  test(`reproduces ${title}`, () => {
    const retention = keepAnyOf(keepLatest(2), keepEveryHours(1, options));
    assert.equal(left(retention, savedEvery(0.5, 12)), onDisk);
  });
}

for (const { title, options, hours, kept } of [
  { title: 'includes the very hour', options: {}, hours: [0, 0.999, 1, 1.999, 2], kept: [1, 3, 5] },
  {
    title: 'excludes it when counting from the start',
    options: { countFrom: 'start' as const, since: 0 },
    hours: [1, 1.01, 2, 2.01],
    kept: [2, 4],
  },
  { title: 'keeps one after a pause', options: {}, hours: [0, 10, 10.1, 10.2, 10.3, 11], kept: [1, 2, 6] },
  {
    title: 'keeps several after a pause when counting from the start',
    options: { countFrom: 'start' as const },
    hours: [0, 3.5, 3.6, 3.7, 3.8, 4.5],
    kept: [1, 2, 3, 4, 6],
  },
  {
    title: 'counts on from where the clock was set back',
    options: {},
    hours: [100, 100.5, 101, 5, 5.5, 6, 6.5, 7],
    kept: [1, 3, 4, 6, 8],
  },
  {
    title: 'does so when counting from the start',
    options: { countFrom: 'start' as const },
    hours: [100, 5, 5.5, 6.1],
    kept: [1, 2, 4],
  },
]) {
  test(title, () => {
    assert.equal(keptSteps(keepEveryHours(1, options), at(hours)), kept);
  });
}

test('keeps its mind across restarts: what was deleted does not count', () => {
  const all = savedEvery(0.3, 40);
  for (const options of [
    {},
    { since: 0 },
    { countFrom: 'start' as const },
    { countFrom: 'start' as const, since: 0 },
  ]) {
    const retention = keepEveryHours(1, options);
    const kept = keptSteps(retention, all);
    assert.equal(left(retention, all), [...new Set([...kept, 40])]);
    assert.equal(
      keptSteps(
        retention,
        all.filter(({ globalStep }) => kept.includes(globalStep)),
      ),
      kept,
    );
  }
});

test('refuses wrong arguments', () => {
  for (const hours of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => keepEveryHours(hours), /^keepEveryHours\(hours\): expected a positive number, received/);
  }
  assert.throws(
    () => keepEveryHours(1, { countFrom: 'end' as never }),
    /expected 'lastKept' or 'start', received "end"/,
  );
  assert.throws(() => keepEveryHours(1, { since: Number.NaN }), /expected seconds since 1970, received NaN/);
});

test.run();
