import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { Tensors } from '../../tensor/tensor.js';
import { checkHistogramOptions, histogramsOf, type TensorHistogramsOptions } from './histograms-of.js';
import type { SummarySource } from './summary-source.js';

export interface GradientHistogramsOptions extends TensorHistogramsOptions {
  /** The fetch that gives them as tensors by name, and that the step provides when it is requested. @default 'gradients' */
  readonly fetch?: string | undefined;
  /** Whether another hook registers the fetch; a second one would be refused. @default false */
  readonly isRegistered?: boolean | undefined;
  /** What the tags begin with. @default 'gradients' */
  readonly prefix?: string | undefined;
}

const OPTIONS: OptionNames<GradientHistogramsOptions> = {
  buckets: true,
  bucketCount: true,
  include: true,
  fetch: true,
  isRegistered: true,
  prefix: true,
};

/**
 * Draws the gradients of the step as histograms: `gradients/dense/kernel`. A step that is not drawn does not hand them
 * out. `trainStep` of `tidemark/tfjs` provides them.
 *
 * @throws TypeError for wrong arguments; when the saver fires, if the fetch gives no tensors
 */
export function gradientHistograms(options: GradientHistogramsOptions = {}): SummarySource {
  checkOptions('gradientHistograms(options)', options, OPTIONS);
  const { fetch = 'gradients', prefix = 'gradients', isRegistered = false } = options;
  checkHistogramOptions('gradientHistograms', options);
  return {
    fetches: [fetch],
    begin(event) {
      if (!isRegistered) event.addFetch(fetch);
    },
    values(step) {
      const gradients = step.fetch(fetch);
      if (!(gradients instanceof Map)) {
        throw new TypeError(`gradientHistograms(fetch): expected tensors by name in "${fetch}", received none`);
      }
      return histogramsOf(prefix, gradients as Tensors, options);
    },
  };
}
