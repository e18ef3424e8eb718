import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firstDifference } from '../../lib/testing/first-difference.js';
import { randomSteps } from '../../lib/testing/random-steps.js';

const test = suite('randomSteps');

test('gives the same steps for the same seed, others for another', () => {
  assert.is(firstDifference(randomSteps(1), randomSteps(1)), undefined);
  assert.type(firstDifference(randomSteps(1), randomSteps(2)), 'string');
});

test('has every kind of step that a run may have', () => {
  const all = Array.from({ length: 20 }, (_, seed) => randomSteps(seed)).flat();
  const advances = all.map(({ step }) => step.globalStep - step.previousGlobalStep);
  assert.ok(advances.every((advance) => advance >= 0));
  for (const advance of [0, 1, 2, 29]) assert.ok(advances.includes(advance), `no step advances by ${advance}`);
  assert.ok(all.some(({ isRecovered }) => isRecovered));
  assert.ok(all.some(({ at }, i) => at === all[i + 1]?.at));
});

test('is a run: each step follows the one before it, unless the run was recovered', () => {
  for (let seed = 0; seed < 20; seed++) {
    const steps = randomSteps(seed);
    for (const [i, { at, step, isRecovered }] of steps.entries()) {
      const before = steps[i - 1];
      if (before === undefined) continue;
      assert.ok(at >= before.at);
      if (isRecovered) assert.ok(step.previousGlobalStep <= before.step.globalStep);
      else assert.is(step.previousGlobalStep, before.step.globalStep);
    }
  }
});

test.run();
