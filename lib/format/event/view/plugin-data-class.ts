import type { DataClass } from '../summary-value.js';

// Source: TensorBoard, tensorboard/dataclass_compat.py.
const DATA_CLASSES_BY_PLUGIN: ReadonlyMap<string, DataClass> = new Map([
  ['scalars', 'scalar'],
  ['histograms', 'tensor'],
  ['text', 'tensor'],
  ['hparams', 'tensor'],
  ['pr_curves', 'tensor'],
  ['images', 'blobSequence'],
  ['audio', 'blobSequence'],
  ['graphs', 'blobSequence'],
  ['graph_run_metadata', 'blobSequence'],
  ['graph_run_metadata_graph', 'blobSequence'],
  ['graph_tagged_run_metadata', 'blobSequence'],
  ['graph_keras_model', 'blobSequence'],
]);

/** The data class that readers derive from a plugin's name where a writer set none. */
export function pluginDataClass(pluginName: string): DataClass {
  return DATA_CLASSES_BY_PLUGIN.get(pluginName) ?? 'unknown';
}
