import type { Tensor } from '../../../tensor/tensor.js';
import type { SummaryData, SummaryMetadata } from '../summary-value.js';
import type { EventStep } from '../tf-event.js';

/** All values of one tag in a run, in the order in which they were written. */
export interface Series {
  readonly tag: string;
  /** Of the first value that had any, its data class derived from the plugin where the writer set none. */
  readonly metadata: SummaryMetadata | undefined;
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint {
  readonly step: EventStep;
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** The value as TensorFlow 2 would have written it. */
  readonly tensor: Tensor;
  /** The value as it stands in the file; `undefined` for graphs, which are no values there. */
  readonly original: SummaryData | undefined;
}

/**
 * At most `count` points, spread evenly, the first and the last among them.
 *
 * @param count a whole number from 1; for 1 it is the last point
 * @throws RangeError if `count` is none
 */
export function samplePoints(points: readonly SeriesPoint[], count: number): readonly SeriesPoint[] {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`samplePoints(count): expected a positive whole number, received ${count}`);
  }
  if (points.length <= count) return points;
  if (count === 1) return points.slice(-1);
  const last = points.length - 1;
  return Array.from({ length: count }, (_, i) => points[Math.round((i * last) / (count - 1))] as SeriesPoint);
}
