import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { elementBytes } from '../../../tensor/dtype.js';
import { elementCount, type Tensor } from '../../../tensor/tensor.js';
import type { SummaryMetadata, SummaryValue } from '../summary-value.js';
import { pluginDataClass } from '../view/plugin-data-class.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

export interface TensorValueOptions extends ValueOptions {
  /** The plugin that reads it; without one no plugin shows the tensor, but every reader of the file has it. */
  readonly pluginName?: string | undefined;
  /** The plugin's own data; default: none. */
  readonly content?: Uint8Array | undefined;
}

const OPTIONS: OptionNames<TensorValueOptions> = {
  displayName: true,
  description: true,
  pluginName: true,
  content: true,
};

/**
 * Any tensor, as it is.
 *
 * @throws TypeError, RangeError for an empty tag, or elements that do not fit dtype and shape
 */
export function tensorValue(tag: string, tensor: Tensor, options: TensorValueOptions = {}): SummaryValue {
  checkOptions('tensorValue(options)', options, OPTIONS);
  const { pluginName, content } = options;
  checkTag('tensorValue', tag);
  const count = elementCount(tensor.shape);
  const [expected, received] =
    tensor.dtype === 'string'
      ? [count, tensor.values.length]
      : [count * elementBytes(tensor.dtype), tensor.bytes.byteLength];
  if (expected !== received) {
    const unit = tensor.dtype === 'string' ? 'strings' : 'bytes';
    throw new RangeError(
      `tensorValue(tensor): expected ${expected} ${unit} for ${tensor.dtype}[${tensor.shape.join(', ')}], received ${received}`,
    );
  }
  const isDescribed =
    pluginName !== undefined || options.displayName !== undefined || options.description !== undefined;
  const metadata = isDescribed ? describe(pluginName, options, content) : undefined;
  if (content !== undefined && pluginName === undefined) {
    throw new TypeError('tensorValue(content): expected a pluginName with it, received none');
  }
  return { tag, metadata, data: { type: 'tensor', tensor } };
}

/** Readers do not know the data class of a plugin that is not their own, and one of them drops what has none. */
function describe(pluginName = '', options: ValueOptions, content?: Uint8Array): SummaryMetadata {
  const metadata = pluginMetadata(pluginName, options, content);
  const isForeign = pluginName !== '' && pluginDataClass(pluginName) === 'unknown';
  return isForeign ? { ...metadata, dataClass: 'tensor' } : metadata;
}
