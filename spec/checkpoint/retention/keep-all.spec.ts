import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepAll } from '../../../lib/checkpoint/retention/keep-all.js';
import { left, saved } from './saved.js';

const test = suite('keepAll');

test('keeps every checkpoint', () => {
  const steps = [0, 10, 20, 30].map((step) => saved(step));
  assert.equal(left(keepAll(), steps), [0, 10, 20, 30]);
  assert.is(keepAll().name, 'keepAll()');
});

test.run();
