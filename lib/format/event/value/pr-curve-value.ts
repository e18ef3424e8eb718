import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeTensor } from '../../../tensor/make-tensor.js';
import { ProtoWriter } from '../../protobuf/proto-writer.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

// TensorBoard's own: precision and recall are 0 where there is nothing to divide by.
const MINIMUM_COUNT = 1e-7;
const DEFAULT_THRESHOLDS = 201;
const ROWS = 6;

export interface PrCurveOptions extends ValueOptions {
  /** Thresholds spread evenly over 0 to 1; a whole number from 2; default 201. */
  readonly thresholds?: number | undefined;
  /** One for each prediction; default: 1 each. */
  readonly weights?: ArrayLike<number> | undefined;
}

const OPTIONS: OptionNames<PrCurveOptions> = { displayName: true, description: true, thresholds: true, weights: true };

/**
 * Precision and recall of a binary classifier at every threshold: a float32 tensor `[6, thresholds]` of true positives,
 * false positives, true negatives, false negatives, precision, recall.
 *
 * @param labels what was right, one for each prediction: booleans, or 0 and 1
 * @param predictions probabilities from 0 to 1
 * @throws TypeError, RangeError for an empty tag, lists of unequal length, or numbers out of range
 * @see TensorBoard, tensorboard/plugins/pr_curve/summary.py
 */
export function prCurveValue(
  tag: string,
  labels: ArrayLike<number | boolean>,
  predictions: ArrayLike<number>,
  options: PrCurveOptions = {},
): SummaryValue {
  checkOptions('prCurveValue(options)', options, OPTIONS);
  const { thresholds = DEFAULT_THRESHOLDS, weights } = options;
  checkTag('prCurveValue', tag);
  if (!Number.isSafeInteger(thresholds) || thresholds < 2 || thresholds > 1_000_000) {
    throw new RangeError(`prCurveValue(thresholds): expected a whole number from 2 to 1000000, received ${thresholds}`);
  }
  for (const [name, list] of Object.entries({ labels, weights })) {
    if (list === undefined || list.length === predictions.length) continue;
    throw new RangeError(
      `prCurveValue(${name}): expected ${predictions.length} as of predictions, received ${list.length}`,
    );
  }

  const truePositives = new Float64Array(thresholds);
  const falsePositives = new Float64Array(thresholds);
  for (let i = 0; i < predictions.length; i++) {
    const bucket = Math.floor(checkUnit('predictions', predictions[i]) * (thresholds - 1));
    const label = checkUnit('labels', Number(labels[i]));
    const weight = weights === undefined ? 1 : checkWeight(weights[i]);
    truePositives[bucket] = (truePositives[bucket] as number) + label * weight;
    falsePositives[bucket] = (falsePositives[bucket] as number) + (1 - label) * weight;
  }
  // What is predicted positive at a threshold is what lies in its bucket and those above.
  for (let i = thresholds - 2; i >= 0; i--) {
    truePositives[i] = (truePositives[i] as number) + (truePositives[i + 1] as number);
    falsePositives[i] = (falsePositives[i] as number) + (falsePositives[i + 1] as number);
  }

  const rows = new Float32Array(ROWS * thresholds);
  for (let i = 0; i < thresholds; i++) {
    const tp = truePositives[i] as number;
    const fp = falsePositives[i] as number;
    const tn = (falsePositives[0] as number) - fp;
    const fn = (truePositives[0] as number) - tp;
    const precision = tp / Math.max(MINIMUM_COUNT, tp + fp);
    const recall = tp / Math.max(MINIMUM_COUNT, tp + fn);
    for (const [row, value] of [tp, fp, tn, fn, precision, recall].entries()) rows[row * thresholds + i] = value;
  }
  const content = new ProtoWriter();
  content.int64(2, thresholds);
  return {
    tag,
    metadata: pluginMetadata('pr_curves', options, content.copy()),
    data: { type: 'tensor', tensor: makeTensor('float32', [ROWS, thresholds], rows) },
  };
}

function checkUnit(name: string, value: number | undefined): number {
  if (value !== undefined && value >= 0 && value <= 1) return value;
  throw new RangeError(`prCurveValue(${name}): expected numbers from 0 to 1, received ${value}`);
}

function checkWeight(weight: number | undefined): number {
  if (weight !== undefined && weight >= 0 && weight < Infinity) return weight;
  throw new RangeError(`prCurveValue(weights): expected finite numbers from 0, received ${weight}`);
}
