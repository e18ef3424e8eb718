import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeValue } from '../../lib/testing/describe-value.js';

const test = suite('describeValue');

class Point {
  readonly x = 1;
}
const ring: Record<string, unknown> = {};
ring['self'] = ring;

const cases: [value: unknown, text: string][] = [
  ['a "b"', '"a \\"b\\""'],
  [5n, '5n'],
  [-0, '-0'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('s'), 'Symbol(s)'],
  [function named() {}, '[function named]'],
  [{ a: [1, 'x'] }, '{a: [1, "x"]}'],
  [new Point(), 'Point {x: 1}'],
  [Object.create(null), '{}'],
  [new Map([['k', new Set([1])]]), 'Map {k => Set {1}}'],
  [Float32Array.of(0.5, 2), 'Float32Array(2) [0.5, 2]'],
  [new Uint8Array(100), 'Uint8Array(100) [0, 0, 0, 0, 0, 0, 0, 0, … 92 more]'],
  [new RangeError('no'), 'RangeError: no'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'Date(invalid)'],
  [/x/g, '/x/g'],
  [ring, '{self: [cycle]}'],
  [[[[[[1]]]]], '[[[[Array {…}]]]]'],
];
for (const [value, text] of cases) test(text, () => assert.is(describeValue(value), text));

test('cuts what is too long for a line', () => {
  const text = describeValue('x'.repeat(1000));
  assert.is(text.length, 240);
  assert.ok(text.endsWith('…'));
});

test.run();
