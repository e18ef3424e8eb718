import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pinned } from '../../../lib/checkpoint/retention/pinned.js';
import { keptSteps, saved } from './saved.js';

const test = suite('pinned');
const steps = [0, 10, 20, 30].map((step) => saved(step));

test('keeps what is named', () => {
  assert.equal(keptSteps(pinned('model.ckpt-10', 'model.ckpt-30', 'model.ckpt-1'), steps), [10, 30]);
});

test('keeps what a function says', () => {
  assert.equal(
    keptSteps(
      pinned(({ globalStep }) => globalStep % 20 === 0),
      steps,
    ),
    [0, 20],
  );
});

test('takes both', () => {
  assert.equal(
    keptSteps(
      pinned('model.ckpt-10', ({ globalStep }) => globalStep === 0),
      steps,
    ),
    [0, 10],
  );
});

test('refuses what is neither', () => {
  assert.throws(() => pinned(), /^pinned\(\.\.\.pins\): expected at least one, received none/);
  assert.throws(() => pinned(''), /received an empty prefix/);
  assert.throws(() => pinned(10 as never), /expected prefixes and functions, received number/);
});

test.run();
