// TensorFlow 1's buckets: each limit is 1.1 times the one before. To find the bucket of a value without a search, the
// top bits of its double (sign apart: 11 bits of exponent and 4 of mantissa) choose a cell. A cell spans at most a
// factor of 17/16, less than 1.1, so at most one limit lies inside it: one look-up and one comparison.
//
// Source of the limits: TensorFlow, tensorflow/core/lib/histogram/histogram.cc.

import type { LegacyHistogram } from '../summary-value.js';
import { indexedNumbers, type NumberList } from './number-list.js';

const MANTISSA_BITS = 4;
// High words of 2^-40 (below the first limit, 1e-12) and 2^67 (above the last, 1e20).
const FIRST_CELL = (1023 - 40) << MANTISSA_BITS;
const LAST_CELL = (1023 + 67) << MANTISSA_BITS;
const SHIFT = 20 - MANTISSA_BITS;

const POSITIVE_LIMITS = positiveLimits();
const POSITIVE = POSITIVE_LIMITS.length;
/** For each cell, how many positive limits are at or below its start. */
const CELL_RANKS = cellRanks();

// The halves of a double: the host's byte order tells which word has the exponent.
const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);
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
  const limits = [...POSITIVE_LIMITS, Number.MAX_VALUE];
  return [...limits.map((limit) => -limit).reverse(), 0, ...limits];
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
  // Ranks of absolute values: 0 below the first limit, POSITIVE at the last one and above.
  const above = new Float64Array(POSITIVE + 1);
  const below = new Float64Array(POSITIVE + 1);
  let [min, max, count, sum, sumSquares, nanCount] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const value = numbers[i] as number;
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
    const cell = ((words[HIGH_WORD] as number) & 0x7fff_ffff) >>> SHIFT;
    if (value >= 0) {
      // A value on a limit belongs to the bucket above it.
      let rank = cell < FIRST_CELL ? 0 : cell >= LAST_CELL ? POSITIVE : (CELL_RANKS[cell - FIRST_CELL] as number);
      if (rank < POSITIVE && value >= (POSITIVE_LIMITS[rank] as number)) rank++;
      above[rank] = (above[rank] as number) + 1;
    } else {
      let rank = cell < FIRST_CELL ? 0 : cell >= LAST_CELL ? POSITIVE : (CELL_RANKS[cell - FIRST_CELL] as number);
      if (rank < POSITIVE && -value > (POSITIVE_LIMITS[rank] as number)) rank++;
      // On a limit exactly, a negative value too belongs to the bucket above, which is the one nearer to zero.
      else if (rank > 0 && -value === POSITIVE_LIMITS[rank - 1]) rank--;
      below[rank] = (below[rank] as number) + 1;
    }
  }
  const infiniteCount = length - count - nanCount;
  if (count === 0) {
    const nothing = { min: 0, max: 0, count: 0, sum: 0, sumSquares: 0, limits: [Number.MAX_VALUE], counts: [0] };
    return { type: 'histogram', ...nothing, nanCount, infiniteCount };
  }
  const { limits, counts } = foldEmpty(below, above);
  return { type: 'histogram', min, max, count, sum, sumSquares, limits, counts, nanCount, infiniteCount };
}

/** The buckets from the first to the last that hold a value, each run of empty ones between them as one. */
function foldEmpty(below: Float64Array, above: Float64Array): { limits: number[]; counts: number[] } {
  const limits: number[] = [];
  const counts: number[] = [];
  let pending: number | undefined;
  const add = (limit: number, count: number): void => {
    if (count === 0) {
      if (limits.length > 0) pending = limit;
      return;
    }
    if (pending !== undefined) {
      limits.push(pending);
      counts.push(0);
      pending = undefined;
    }
    limits.push(limit);
    counts.push(count);
  };
  for (let rank = POSITIVE; rank > 0; rank--) add(-(POSITIVE_LIMITS[rank - 1] as number), below[rank] as number);
  add(0, below[0] as number);
  for (let rank = 0; rank <= POSITIVE; rank++) {
    add(rank < POSITIVE ? (POSITIVE_LIMITS[rank] as number) : Number.MAX_VALUE, above[rank] as number);
  }
  return { limits, counts };
}

function positiveLimits(): Float64Array {
  const limits: number[] = [];
  // By multiplying again and again, not by powers: only so the bits are TensorFlow's.
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) limits.push(limit);
  return Float64Array.from(limits);
}

function cellRanks(): Int16Array {
  const ranks = new Int16Array(LAST_CELL - FIRST_CELL);
  const view = new DataView(new ArrayBuffer(8));
  let rank = 0;
  for (let cell = 0; cell < ranks.length; cell++) {
    view.setInt32(0, (FIRST_CELL + cell) << SHIFT);
    const start = view.getFloat64(0);
    while (rank < POSITIVE && (POSITIVE_LIMITS[rank] as number) <= start) rank++;
    ranks[cell] = rank;
  }
  return ranks;
}
