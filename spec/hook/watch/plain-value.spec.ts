import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainValue } from '../../../lib/hook/watch/plain-value.js';

const test = suite('plainValue');

for (const [value, text] of [
  [0.25, '0.25'],
  [1, '1'],
  [1 / 3, '0.33333333'],
  [1e-7, '0.0000001'],
  [1e21, '1000000000000000000000'],
  [-1234567.891, '-1234567.9'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [[1, [2, 0.5]], '[1 [2 0.5]]'],
  [Float32Array.of(0.5, 0.25), '[0.5 0.25]'],
  [new DataView(new ArrayBuffer(1)), '[object DataView]'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [true, 'true'],
] as const) {
  test(`writes ${text}`, () => assert.is(plainValue(value), text));
}

test.run();
