import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SaveBackoff } from '../../../lib/hook/save/save-backoff.js';

const test = suite('SaveBackoff');

test('puts nothing off before a failure, and after the first', () => {
  const backoff = new SaveBackoff();
  assert.is(backoff.isTooEarly(0), false);
  backoff.failed(0);
  assert.is(backoff.isTooEarly(0), false);
});

test('puts off ever longer, a minute at most', () => {
  const backoff = new SaveBackoff();
  backoff.failed(0);
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
    backoff.failed(1000);
    assert.is(backoff.isTooEarly(1000 + seconds * 1000 - 1), true, `${seconds} s`);
    assert.is(backoff.isTooEarly(1000 + seconds * 1000), false, `${seconds} s`);
  }
});

test('begins anew after a success', () => {
  const backoff = new SaveBackoff();
  for (let i = 0; i < 5; i++) backoff.failed(0);
  backoff.succeeded();
  assert.is(backoff.isTooEarly(0), false);
  backoff.failed(0);
  assert.is(backoff.isTooEarly(0), false);
  backoff.failed(0);
  assert.is(backoff.isTooEarly(999), true);
});

test.run();
