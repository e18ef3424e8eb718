import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepEverySteps } from '../../../lib/checkpoint/retention/keep-every-steps.js';
import { keptSteps, left, saved } from './saved.js';

const test = suite('keepEverySteps');

for (const { title, every, steps, kept } of [
  { title: 'the multiples', every: 100, steps: [0, 50, 100, 150, 200], kept: [0, 100, 200] },
  {
    title: 'the first at or after each multiple',
    every: 100,
    steps: [0, 40, 80, 120, 160, 200, 240],
    kept: [0, 120, 200],
  },
  { title: 'one where several multiples were crossed', every: 10, steps: [7, 17, 58, 59, 61], kept: [7, 17, 58, 61] },
  { title: 'all at every single step', every: 1, steps: [0, 1, 2, 3], kept: [0, 1, 2, 3] },
]) {
  test(`keeps ${title}`, () => {
    const checkpoints = steps.map((step) => saved(step));
    assert.equal(keptSteps(keepEverySteps(every), checkpoints), kept);
    assert.equal(left(keepEverySteps(every), [...checkpoints, saved(1000)]), [...kept, 1000]);
  });
}

test('says for which multiple', () => {
  assert.equal(keepEverySteps(100).reasons([saved(0), saved(120), saved(130)]), [
    'the first from step 0 on',
    'the first from step 100 on',
    undefined,
  ]);
});

test('refuses a number of steps that is none', () => {
  for (const steps of [0, -5, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => keepEverySteps(steps), /^keepEverySteps\(steps\): expected a whole number from 1, received/);
  }
});

test.run();
