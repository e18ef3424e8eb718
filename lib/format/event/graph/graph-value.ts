import { makeStringTensor } from '../../../tensor/make-tensor.js';
import { checkWellFormed } from '../check-well-formed.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata } from '../value/value-options.js';

// What TensorFlow's own writers put there.
const CONTENT = Uint8Array.of(0x31);

/**
 * The architecture of a Keras model, drawn by the `graph_keras_model` plugin.
 *
 * @param json what `model.toJSON()` gives, of Python or of TensorFlow.js: an object with `config`
 * @throws TypeError, RangeError for an empty tag, or text that is not the JSON of a model
 */
export function kerasModelValue(tag: string, json: string): SummaryValue {
  checkTag('kerasModelValue', tag);
  checkWellFormed('kerasModelValue(json)', json);
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch (cause) {
    throw new TypeError('kerasModelValue(json): expected JSON, received other text', { cause });
  }
  if (typeof model !== 'object' || model === null || !('config' in model)) {
    throw new TypeError('kerasModelValue(json): expected the JSON of a model, received one without config');
  }
  return blobValue(tag, 'graph_keras_model', json);
}

/**
 * What a traced function ran on which device: a serialized RunMetadata.
 *
 * @param hasGraph whether the metadata holds the function's graph
 * @throws TypeError, RangeError for an empty tag
 */
export function runMetadataValue(tag: string, runMetadata: Uint8Array, hasGraph = false): SummaryValue {
  checkTag('runMetadataValue', tag);
  return blobValue(tag, hasGraph ? 'graph_run_metadata_graph' : 'graph_run_metadata', runMetadata);
}

function blobValue(tag: string, pluginName: string, blob: string | Uint8Array): SummaryValue {
  return {
    tag,
    metadata: pluginMetadata(pluginName, {}, CONTENT),
    data: { type: 'tensor', tensor: makeStringTensor([], [blob]) },
  };
}
