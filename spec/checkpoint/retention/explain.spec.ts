import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../../lib/checkpoint/retention/explain.js';
import { keepAll } from '../../../lib/checkpoint/retention/keep-all.js';
import { keepAnyOf } from '../../../lib/checkpoint/retention/keep-any-of.js';
import { keepEverySteps } from '../../../lib/checkpoint/retention/keep-every-steps.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { pinned } from '../../../lib/checkpoint/retention/pinned.js';
import { saved } from './saved.js';

const test = suite('explain');
const steps = [0, 10, 20].map((step) => saved(step));

test('says why each stays or goes', () => {
  const verdicts = explain(keepAnyOf(keepLatest(1), keepEverySteps(20)), steps);
  assert.equal(
    verdicts.map(({ checkpoint, isKept, reason }) => [checkpoint.prefix, isKept, reason]),
    [
      ['model.ckpt-0', true, 'the first from step 0 on'],
      ['model.ckpt-10', false, 'not kept by keepAnyOf(keepLatest(1), keepEverySteps(20))'],
      ['model.ckpt-20', true, 'among the latest 1; the first from step 20 on'],
    ],
  );
});

test('keeps the newest, whatever a retention says', () => {
  assert.equal(
    explain(pinned('model.ckpt-0'), steps).map(({ reason }) => reason),
    ['pinned', 'not kept by pinned(model.ckpt-0)', 'the newest is always kept'],
  );
});

test('keeps all with keepAll', () => {
  assert.ok(explain(keepAll(), steps).every(({ isKept, reason }) => isKept && reason === 'all are kept'));
});

test('says nothing of nothing', () => {
  assert.equal(explain(keepLatest(1), []), []);
});

test.run();
