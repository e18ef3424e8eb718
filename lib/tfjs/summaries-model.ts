import { checkOptions, type OptionNames } from '../error/check-options.js';
import { gradientHistograms } from '../hook/summary/gradient-histograms.js';
import type { TensorHistogramsOptions } from '../hook/summary/histograms-of.js';
import type { SummarySource } from '../hook/summary/summary-source.js';
import { weightHistograms } from '../hook/summary/weight-histograms.js';
import { GRADIENTS } from './train-step.js';

export interface ModelHistogramsOptions extends TensorHistogramsOptions {
  /** The part of the state that is the model. @default 'model' */
  readonly part?: string | undefined;
}

const OPTIONS: OptionNames<ModelHistogramsOptions> = { buckets: true, bucketCount: true, include: true, part: true };

/**
 * Draws the weights and the gradients of a model that `trainStep` trains as histograms: `weights/dense/kernel` and
 * `gradients/dense/kernel`. Steps that are not drawn hand out no gradients.
 *
 * @throws TypeError for wrong arguments
 * @example
 * summarySaver(writer, { trigger: everySteps(500), values: modelHistograms() });
 */
export function modelHistograms(options: ModelHistogramsOptions = {}): readonly SummarySource[] {
  checkOptions('modelHistograms(options)', options, OPTIONS);
  const { part, ...histograms } = options;
  return [weightHistograms({ ...histograms, part }), gradientHistograms({ ...histograms, fetch: GRADIENTS })];
}
