import { makeTensor } from '../../../tensor/make-tensor.js';
import type { SummaryValue } from '../summary-value.js';
import { pluginMetadata } from '../value/value-options.js';
import { encodeHparams } from './encode-hparams.js';
import type { HparamsData } from './hparams-data.js';

// The plugin finds its data by these tags alone.
const TAGS: Readonly<Record<HparamsData['type'], string>> = {
  experiment: '_hparams_/experiment',
  sessionStart: '_hparams_/session_start_info',
  sessionEnd: '_hparams_/session_end_info',
};

/**
 * Hyperparameters: an experiment, or the start or the end of a trial; to be written at step 0.
 *
 * @throws TypeError, RangeError for a hyperparameter or a metric without a name, and as `encodeHparams`
 */
export function hparamsValue(data: HparamsData): SummaryValue {
  if (data.type === 'experiment') {
    if (data.hparams.some(({ name }) => name === '')) throw new RangeError('hparamsValue(hparams): expected names');
    if (data.metrics.some(({ tag }) => tag === '')) throw new RangeError('hparamsValue(metrics): expected tags');
  } else if (data.type === 'sessionStart' && data.hparams.has('')) {
    throw new RangeError('hparamsValue(hparams): expected names, received an empty one');
  }
  return {
    tag: TAGS[data.type],
    metadata: pluginMetadata('hparams', {}, encodeHparams(data)),
    // Says nothing, but a value without a tensor is not kept by every reader.
    data: { type: 'tensor', tensor: makeTensor('float32', [0], new Uint8Array(0)) },
  };
}
