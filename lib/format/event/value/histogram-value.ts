import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeTensor } from '../../../tensor/make-tensor.js';
import type { LegacyHistogram, SummaryValue } from '../summary-value.js';
import { DEFAULT_BUCKETS, type EqualWidthHistogram, equalWidthHistogram } from './equal-width-histogram.js';
import { exponentialHistogram } from './exponential-histogram.js';
import type { NumberList } from './number-list.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

export interface HistogramValueOptions extends ValueOptions {
  /**
   * `equalWidth` (default) as TensorFlow 2, or `exponential` as TensorFlow 1 and PyTorch, fine near zero and wide far
   * from it.
   */
  readonly buckets?: 'equalWidth' | 'exponential' | undefined;
  /** Of `equalWidth`; default 30. */
  readonly bucketCount?: number | undefined;
}

const OPTIONS: OptionNames<HistogramValueOptions> = {
  displayName: true,
  description: true,
  buckets: true,
  bucketCount: true,
};

/**
 * A histogram, which TensorBoard shows as a distribution too.
 *
 * @param values numbers, of which NaN and infinities are left out, or the buckets of a histogram made before, whose
 *   `nanCount` and `infiniteCount` say what was left out
 * @throws TypeError, RangeError for an empty tag, values that are no numbers, or a bad number of buckets
 */
export function histogramValue(
  tag: string,
  values: NumberList | EqualWidthHistogram | LegacyHistogram,
  options: HistogramValueOptions = {},
): SummaryValue {
  checkOptions('histogramValue(options)', options, OPTIONS);
  const { buckets = 'equalWidth', bucketCount = DEFAULT_BUCKETS } = options;
  checkTag('histogramValue', tag);
  if (buckets !== 'equalWidth' && buckets !== 'exponential') {
    throw new TypeError(`histogramValue(buckets): expected 'equalWidth' or 'exponential', received ${String(buckets)}`);
  }
  if (isHistogram(values)) return ofHistogram(tag, values, options);
  const histogram = buckets === 'equalWidth' ? equalWidthHistogram(values, bucketCount) : exponentialHistogram(values);
  return ofHistogram(tag, histogram, options);
}

function isHistogram(
  values: NumberList | EqualWidthHistogram | LegacyHistogram,
): values is EqualWidthHistogram | LegacyHistogram {
  return typeof values === 'object' && values !== null && 'type' in values;
}

function ofHistogram(
  tag: string,
  histogram: EqualWidthHistogram | LegacyHistogram,
  options: ValueOptions,
): SummaryValue {
  if (histogram.type === 'equalWidth') {
    const tensor = makeTensor('float64', [histogram.bucketCount, 3], histogram.buckets);
    return { tag, metadata: pluginMetadata('histograms', options), data: { type: 'tensor', tensor } };
  }
  const { type, min, max, count, sum, sumSquares, limits, counts } = histogram;
  const isTitled = options.displayName !== undefined || options.description !== undefined;
  const metadata = isTitled ? pluginMetadata('histograms', options) : undefined;
  return { tag, metadata, data: { type, min, max, count, sum, sumSquares, limits, counts } };
}
