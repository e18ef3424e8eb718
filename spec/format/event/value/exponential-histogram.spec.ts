import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ExponentialHistogram,
  exponentialHistogram,
  exponentialLimits,
} from '../../../../lib/format/event/value/exponential-histogram.js';
import { expectedOf } from '../fixture.js';
import { isError } from '../is-error.js';

const test = suite('exponentialHistogram');
const limits = exponentialLimits();

test('has the limits of TensorFlow, bit for bit', () => {
  assert.is(limits.length, 1551);
  assert.equal([limits[0], limits[775], limits.at(-1)], [-Number.MAX_VALUE, 0, Number.MAX_VALUE]);
  assert.is(limits[776], 1e-12);
  assert.ok(limits.every((limit, i) => i === 0 || limit > (limits[i - 1] as number)));
  const known = new Set(limits);
  const { runs } = expectedOf('tf1_all.json') as {
    runs: Record<string, { v1: { histograms: Record<string, [number, { limits: number[] }][]> } }>;
  };
  const written = (runs['.']?.v1.histograms['x_hist'] ?? []).flatMap(([, histogram]) => histogram.limits);
  assert.ok(written.length > 50);
  assert.ok(written.every((limit) => known.has(limit)));
});

test('puts every value where a search would', () => {
  const near = fc
    .tuple(fc.nat(limits.length - 1), fc.constantFrom(-1, 0, 1))
    .map(([i, ulps]) => nudge(limits[i] as number, ulps));
  const values = fc.array(
    fc.oneof(near, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 5e-324, -5e-324)),
    {
      minLength: 1,
      maxLength: 50,
    },
  );
  fc.assert(
    fc.property(values, (list) => assert.equal(pick(exponentialHistogram(list)), search(list))),
    { numRuns: 2000 },
  );
});

test('puts a value that is a limit into the bucket above it, of either sign', () => {
  const one = limits.findIndex((limit) => limit > 1);
  for (const at of [one, limits.length - 1 - one, 776, 774]) {
    assert.equal(exponentialHistogram([limits[at] as number]).limits, [limits[at + 1]], `${at}`);
  }
  assert.equal(exponentialHistogram([0]).limits, [1e-12]);
  assert.equal(exponentialHistogram([-0]).limits, [1e-12]);
  assert.equal(exponentialHistogram([Number.MAX_VALUE]).limits, [Number.MAX_VALUE]);
});

test('leaves out and counts what is not finite', () => {
  const { count, nanCount, infiniteCount, sum, sumSquares, min, max } = exponentialHistogram(
    Float32Array.of(1, Number.NaN, 2, Infinity, -Infinity, -Infinity),
  );
  assert.equal({ count, nanCount, infiniteCount }, { count: 2, nanCount: 1, infiniteCount: 3 });
  assert.equal({ sum, sumSquares, min, max }, { sum: 3, sumSquares: 5, min: 1, max: 2 });
  assert.equal(pick(exponentialHistogram([Number.NaN])), { limits: [Number.MAX_VALUE], counts: [0] });
});

test('takes numbers of any kind', () => {
  const expected = pick(exponentialHistogram([1, 2, 3]));
  for (const list of [
    Int8Array.of(1, 2, 3),
    BigInt64Array.of(1n, 2n, 3n),
    new Set([1n, 2, 3]),
    { length: 3, 0: 1, 1: 2, 2: 3 },
  ]) {
    assert.equal(pick(exponentialHistogram(list)), expected);
  }
  for (const list of [null, 3, 'abc', {}, ['1']]) {
    assert.throws(() => exponentialHistogram(list as unknown as number[]), isError(TypeError));
  }
});

function pick({ limits, counts }: ExponentialHistogram): { limits: readonly number[]; counts: readonly number[] } {
  return { limits, counts };
}

/** The plain way: count bucket by bucket, drop empty ends, fold the rest. */
function search(values: readonly number[]): { limits: number[]; counts: number[] } {
  const all = limits.map((limit, i) => {
    const left = i === 0 ? -Infinity : (limits[i - 1] as number);
    const isLast = i === limits.length - 1;
    return { limit, count: values.filter((value) => value >= left && (value < limit || isLast)).length };
  });
  const first = all.findIndex(({ count }) => count > 0);
  const last = all.findLastIndex(({ count }) => count > 0);
  const kept = all.slice(first, last + 1).filter(({ count }, i, list) => count > 0 || (list[i + 1]?.count ?? 0) > 0);
  return { limits: kept.map(({ limit }) => limit), counts: kept.map(({ count }) => count) };
}

function nudge(value: number, ulps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(ulps));
  const nudged = view.getFloat64(0);
  return Number.isFinite(nudged) ? nudged : value;
}

test.run();
