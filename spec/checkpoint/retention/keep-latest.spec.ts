import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { keptSteps, left, saved } from './saved.js';

const test = suite('keepLatest');
const steps = [0, 10, 20, 30, 40].map((step) => saved(step));

for (const { count, kept } of [
  { count: 1, kept: [40] },
  { count: 3, kept: [20, 30, 40] },
  { count: 5, kept: [0, 10, 20, 30, 40] },
  { count: 9, kept: [0, 10, 20, 30, 40] },
  { count: Number.POSITIVE_INFINITY, kept: [0, 10, 20, 30, 40] },
]) {
  test(`keeps the newest ${count}`, () => {
    assert.equal(keptSteps(keepLatest(count), steps), kept);
    assert.equal(left(keepLatest(count), steps), kept);
  });
}

test('takes a lowered limit at once', () => {
  const ten = Array.from({ length: 10 }, (_, i) => saved(i));
  assert.equal(keptSteps(keepLatest(3), ten), [7, 8, 9]);
});

test('keeps nothing of nothing', () => {
  assert.equal(keepLatest(2).reasons([]), []);
});

test('refuses a count that is none', () => {
  for (const count of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => keepLatest(count), /^keepLatest\(count\): expected a whole number from 1 or Infinity/);
  }
});

test.run();
