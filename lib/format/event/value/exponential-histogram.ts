// TensorFlow 1's buckets: each limit is 1.1 times the one before. To find the bucket of a value without a search, the
// top bits of its double (sign, exponent, 8 bits of mantissa) choose a cell. A cell spans at most a factor of 257/256,
// so at most one limit lies inside it: one look-up and one comparison, of which the processor nearly always guesses the
// outcome, for few cells have a limit.
//
// Source of the limits: TensorFlow, tensorflow/core/lib/histogram/histogram.cc.

import type { LegacyHistogram } from '../summary-value.js';
import { indexedNumbers, type NumberList } from './number-list.js';

const SHIFT = 20 - 8;
// From 2^-40, below the first positive limit (1e-12), to 2^67, above the last but one (1e20). The cells at both ends
// take what lies beyond as well.
const FIRST_CELL = ((1023 - 40) << 8) - 1;
const CELLS = ((1023 + 67) << 8) + 1 - FIRST_CELL;
const LIMITS = ascendingLimits();
const BUCKETS = LIMITS.length;
/** For comparison: the last bucket takes what lies on its limit too, for there is none above it. */
const BOUNDS = LIMITS.with(-1, Number.POSITIVE_INFINITY);
/** For each cell, first of positive and then of negative values, the bucket at its end nearer to minus infinity. */
const FIRST_BUCKETS = firstBuckets();

// The halves of a double: the host's byte order tells which word has the exponent.
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
scratch[0] = 1;
const HIGH_WORD = words[1] === 0x3ff0_0000 ? 1 : 0;

/** The counts of a histogram, and of what is not in it. */
export interface ExponentialHistogram extends LegacyHistogram {
  readonly nanCount: number;
  readonly infiniteCount: number;
}

/**
 * The limits of TensorFlow 1's histograms, ascending: 1551 numbers from `-Number.MAX_VALUE` to `Number.MAX_VALUE`.
 */
export function exponentialLimits(): number[] {
  return [...LIMITS];
}

/**
 * Counts values in buckets that grow by a tenth each, as TensorFlow 1 and PyTorch do. A run of empty buckets between
 * others is one bucket, and both end buckets hold a value: so every reader draws them from `min` to `max`. Without values
 * it is `min` 0, `max` 0 and one empty bucket.
 *
 * @throws TypeError if `values` are no numbers
 */
export function exponentialHistogram(values: NumberList): ExponentialHistogram {
  const numbers = indexedNumbers('exponentialHistogram(values)', values);
  const { length } = numbers;
  const all = new Int32Array(BUCKETS);
  let [min, max, count, sum, sumSquares, nanCount] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const value = numbers[i] as number;
    // A difference with itself that is not 0 is that of NaN or an infinity.
    if (value - value !== 0) {
      if (Number.isNaN(value)) nanCount++;
      continue;
    }
    count++;
    sum += value;
    sumSquares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
    scratch[0] = value;
    const high = words[HIGH_WORD] as number;
    const cell = Math.min(Math.max(((high & 0x7fff_ffff) >>> SHIFT) - FIRST_CELL, 0), CELLS - 1);
    const first = FIRST_BUCKETS[cell + (high >>> 31) * CELLS] as number;
    // A value on a limit belongs to the bucket above it.
    const bucket = value >= (BOUNDS[first] as number) ? first + 1 : first;
    all[bucket] = (all[bucket] as number) + 1;
  }
  const infiniteCount = length - count - nanCount;
  if (count === 0) {
    const nothing = { min: 0, max: 0, count: 0, sum: 0, sumSquares: 0, limits: [Number.MAX_VALUE], counts: [0] };
    return { type: 'histogram', ...nothing, nanCount, infiniteCount };
  }
  const { limits, counts } = foldEmpty(all);
  return { type: 'histogram', min, max, count, sum, sumSquares, limits, counts, nanCount, infiniteCount };
}

/** The buckets from the first to the last that hold a value, each run of empty ones between them as one. */
function foldEmpty(all: Int32Array): { limits: number[]; counts: number[] } {
  const limits: number[] = [];
  const counts: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = all[bucket] as number;
    if (count === 0) continue;
    if (limits.length > 0 && all[bucket - 1] === 0) {
      limits.push(LIMITS[bucket - 1] as number);
      counts.push(0);
    }
    limits.push(LIMITS[bucket] as number);
    counts.push(count);
  }
  return { limits, counts };
}

function ascendingLimits(): Float64Array {
  const positive: number[] = [];
  // By multiplying again and again, not by powers: only so the bits are TensorFlow's.
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  return Float64Array.from([...positive.map((limit) => -limit).reverse(), 0, ...positive]);
}

function firstBuckets(): Int16Array {
  const first = new Int16Array(2 * CELLS);
  const view = new DataView(new ArrayBuffer(8));
  const startOf = (cell: number): number => {
    view.setUint32(0, (FIRST_CELL + cell) << SHIFT);
    return view.getFloat64(0);
  };
  for (let cell = 0; cell < CELLS; cell++) {
    first[cell] = limitsUpTo(cell === 0 ? 0 : startOf(cell));
    first[CELLS + cell] = limitsUpTo(cell === CELLS - 1 ? Number.NEGATIVE_INFINITY : -startOf(cell + 1));
  }
  return first;
}

/** How many limits are `value` or less. */
function limitsUpTo(value: number): number {
  let [from, to] = [0, BUCKETS];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((LIMITS[middle] as number) <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}
