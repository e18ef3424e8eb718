import { indexedNumbers, type NumberList } from './number-list.js';

/** TensorBoard's number of buckets. */
export const DEFAULT_BUCKETS = 30;

export interface EqualWidthHistogram {
  readonly type: 'equalWidth';
  readonly bucketCount: number;
  /**
   * `[buckets, 3]` row-major: left, right, count. Half-open but for the last one, which is closed.
   */
  readonly buckets: Float64Array;
  /** Values that are in a bucket. */
  readonly count: number;
  /** Values that were left out, for no edge could hold them. */
  readonly nanCount: number;
  readonly infiniteCount: number;
}

/**
 * Counts values in buckets of equal width over what they span, by the rules of TensorBoard's `histograms` plugin: if all
 * are equal, every edge is that value and the last bucket holds them; without any, all is zero.
 *
 * @param bucketCount a whole number from 0; default 30
 * @throws TypeError if `values` are no numbers
 * @throws RangeError if `bucketCount` is none
 * @see TensorBoard, tensorboard/plugins/histogram/summary_v2.py
 */
export function equalWidthHistogram(values: NumberList, bucketCount: number = DEFAULT_BUCKETS): EqualWidthHistogram {
  if (!Number.isSafeInteger(bucketCount) || bucketCount < 0 || bucketCount > 1_000_000) {
    throw new RangeError(
      `equalWidthHistogram(bucketCount): expected a whole number from 0 to 1000000, received ${bucketCount}`,
    );
  }
  const numbers = indexedNumbers('equalWidthHistogram(values)', values);
  const { length } = numbers;
  const span = spanOfAll(numbers);
  let { min, max } = span;
  let count = length;
  let nanCount = 0;
  if (!span.areFinite) {
    [min, max, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let i = 0; i < length; i++) {
      const value = numbers[i] as number;
      // A difference with itself that is not 0 is that of NaN or an infinity.
      if (value - value === 0) {
        if (value < min) min = value;
        if (value > max) max = value;
        count++;
      } else if (Number.isNaN(value)) nanCount++;
    }
  }
  const infiniteCount = length - count - nanCount;

  const buckets = new Float64Array(bucketCount * 3);
  const histogram = { type: 'equalWidth', bucketCount, buckets, count, nanCount, infiniteCount } as const;
  if (count === 0 || bucketCount === 0) return histogram;
  // Halves, where the span of doubles is not a double.
  const scale = max - min === Number.POSITIVE_INFINITY ? 0.5 : 1;
  const low = min * scale;
  const width = (max * scale - low) / bucketCount;
  for (let i = 0; i < bucketCount; i++) {
    buckets[i * 3] = (low + i * width) / scale;
    buckets[i * 3 + 1] = i === bucketCount - 1 ? max : (low + (i + 1) * width) / scale;
  }
  const last = bucketCount - 1;
  if (width === 0) {
    buckets[last * 3 + 2] = count;
    return histogram;
  }
  if (scale === 1 && count === length) countAll(numbers, min, width, last, buckets);
  else {
    for (let i = 0; i < length; i++) {
      const value = numbers[i] as number;
      if (value - value !== 0) continue;
      const at = (value * scale - low) / width;
      const row = (at < last ? Math.floor(at) : last) * 3 + 2;
      buckets[row] = (buckets[row] as number) + 1;
    }
  }
  return histogram;
}

/** What the values span, if all are finite; a loop without a branch for those that are not is half again as fast. */
function spanOfAll(numbers: ArrayLike<number>): { min: number; max: number; areFinite: boolean } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  // Stays 0 until it is NaN.
  let zero = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    zero += value - value;
  }
  return { min, max, areFinite: zero === 0 };
}

/** The loop of nearly every call: no value to leave out, no scaling. */
function countAll(numbers: ArrayLike<number>, min: number, width: number, last: number, buckets: Float64Array): void {
  const counts = new Int32Array(last + 1);
  for (let i = 0; i < numbers.length; i++) {
    const at = ((numbers[i] as number) - min) / width;
    const row = at < last ? at | 0 : last;
    counts[row] = (counts[row] as number) + 1;
  }
  for (let row = 0; row <= last; row++) buckets[row * 3 + 2] = counts[row] as number;
}
