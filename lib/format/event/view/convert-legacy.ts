import { float32Scalar, makeStringTensor, makeTensor } from '../../../tensor/make-tensor.js';
import type { FixedTensor, Tensor } from '../../../tensor/tensor.js';
import type { LegacyHistogram, SummaryMetadata, SummaryValue } from '../summary-value.js';
import { pluginMetadata } from '../value/value-options.js';

export interface ConvertedValue {
  readonly metadata: SummaryMetadata | undefined;
  readonly tensor: Tensor | undefined;
}

// Field 2 of ImagePluginData and 3 of AudioPluginData: converted to a tensor. Field 2 of the latter: WAV.
const IMAGE_CONTENT = Uint8Array.of(0x10, 0x01);
const AUDIO_CONTENT = Uint8Array.of(0x10, 0x0b, 0x18, 0x01);

/**
 * What TensorBoard makes of a value of TensorFlow 1's kinds: a tensor under the plugin that shows it. Values that are
 * tensors already stay as they are.
 *
 * @see TensorBoard, tensorboard/data_compat.py
 */
export function convertLegacy({ tag, metadata, data }: SummaryValue): ConvertedValue {
  const titled = (pluginName: string, content?: Uint8Array): SummaryMetadata => {
    const { displayName = '', description = '' } = metadata ?? {};
    return pluginMetadata(pluginName, { displayName: displayName || tag, description }, content);
  };
  switch (data?.type) {
    case 'simpleValue':
      return { metadata: titled('scalars'), tensor: float32Scalar(data.value) };
    case 'histogram':
      return { metadata: titled('histograms'), tensor: histogramTensor(data) };
    case 'image': {
      const { width, height, encoded } = data;
      const tensor = makeStringTensor([3], [String(width), String(height), encoded]);
      return { metadata: titled('images', IMAGE_CONTENT), tensor };
    }
    case 'audio':
      return { metadata: titled('audio', AUDIO_CONTENT), tensor: makeStringTensor([1, 2], [data.encoded, '']) };
    case 'tensor':
      return { metadata, tensor: data.tensor };
    case 'obsoleteHistogram':
    case undefined:
      return { metadata, tensor: undefined };
    default:
      data satisfies never;
      throw new TypeError('convertLegacy(value): expected a known type');
  }
}

/** Float32 `[k, 3]`: empty buckets at both ends dropped, the outer edges min and max. */
function histogramTensor({ min, max, limits, counts }: LegacyHistogram): FixedTensor {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return makeTensor('float32', [0, 3], new Uint8Array(0));
  const last = counts.findLastIndex((count) => count > 0);
  const rows = new Float32Array((last - first + 1) * 3);
  for (let i = first; i <= last; i++) {
    const left = i === first ? min : (limits[i - 1] as number);
    const right = i === last ? max : (limits[i] as number);
    rows.set([left, right, counts[i] as number], (i - first) * 3);
  }
  return makeTensor('float32', [last - first + 1, 3], rows);
}
