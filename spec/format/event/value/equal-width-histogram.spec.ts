import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { equalWidthHistogram } from '../../../../lib/format/event/value/equal-width-histogram.js';
import { isError } from '../is-error.js';

const test = suite('equalWidthHistogram');

test('follows the rules of TensorBoard, value by value', () => {
  const values = fc.array(
    fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 })),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 40 }), (list, k) => {
      assert.equal([...equalWidthHistogram(list, k).buckets], plain(list, k).flat());
    }),
    { numRuns: 1000 },
  );
});

test('counts every finite value of a typed array once, whatever its span', () => {
  const any = fc.float64Array({ maxLength: 50 });
  fc.assert(
    fc.property(any, (list) => {
      const { buckets, count, nanCount, infiniteCount } = equalWidthHistogram(list);
      assert.is(count + nanCount + infiniteCount, list.length);
      assert.is(count, list.filter(Number.isFinite).length);
      assert.is(sum(buckets), count);
      assert.ok(buckets.every(Number.isFinite));
    }),
    { numRuns: 500 },
  );
  const wide = equalWidthHistogram([-Number.MAX_VALUE, 0, Number.MAX_VALUE], 2);
  assert.equal([...wide.buckets], [-Number.MAX_VALUE, 0, 1, 0, Number.MAX_VALUE, 2]);
  assert.is(sum(equalWidthHistogram([0, 5e-324]).buckets), 2);
});

test('leaves out and counts what is not finite', () => {
  const { buckets, nanCount, infiniteCount } = equalWidthHistogram([Number.NaN, 0, 1, Infinity, -Infinity], 1);
  assert.equal([[...buckets], nanCount, infiniteCount], [[0, 1, 2], 1, 2]);
});

test('takes any number of buckets', () => {
  assert.is(equalWidthHistogram([1, 2], 0).buckets.length, 0);
  for (const count of [-1, 1.5, Number.NaN, 2 ** 40])
    assert.throws(() => equalWidthHistogram([1], count), isError(RangeError));
});

function sum(buckets: Float64Array): number {
  return buckets.reduce((total, each, i) => (i % 3 === 2 ? total + each : total), 0);
}

/** The rules as they are written down. */
function plain(values: readonly number[], k: number): number[][] {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (min === max) return Array.from({ length: k }, (_, i) => [min, min, i === k - 1 ? values.length : 0]);
  const width = (max - min) / k;
  const rows = Array.from({ length: k }, (_, i) => [min + i * width, i === k - 1 ? max : min + (i + 1) * width, 0]);
  for (const value of values) {
    const row = rows[Math.min(Math.floor((value - min) / width), k - 1)] as number[];
    row[2] = (row[2] as number) + 1;
  }
  return rows;
}

test.run();
