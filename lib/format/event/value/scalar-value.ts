import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { float32Scalar } from '../../../tensor/make-tensor.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

export interface ScalarValueOptions extends ValueOptions {
  /**
   * `tensor` (default) as TensorFlow 2, a float32 of rank 0 under the plugin `scalars`, the only form of a tensor that
   * TensorBoard's data server shows; or `simple` as TensorFlow 1 and PyTorch, half as long and shown by everything.
   */
  readonly form?: 'tensor' | 'simple' | undefined;
}

const OPTIONS: OptionNames<ScalarValueOptions> = { displayName: true, description: true, form: true };

/**
 * A scalar. It is held as a float32, and NaN and infinities as such.
 *
 * @throws TypeError, RangeError for a tag that is empty or no well-formed text, and a value that is no number
 * @see docs/formats/event-file.md
 */
export function scalarValue(tag: string, value: number, options: ScalarValueOptions = {}): SummaryValue {
  checkOptions('scalarValue(options)', options, OPTIONS);
  const { form = 'tensor' } = options;
  checkTag('scalarValue', tag);
  if (typeof value !== 'number') throw new TypeError(`scalarValue(value): expected a number, received ${typeof value}`);
  if (form === 'tensor') {
    return {
      tag,
      metadata: pluginMetadata('scalars', options),
      data: { type: 'tensor', tensor: float32Scalar(value) },
    };
  }
  if (form !== 'simple') {
    throw new TypeError(`scalarValue(form): expected 'tensor' or 'simple', received ${String(form)}`);
  }
  const isTitled = options.displayName !== undefined || options.description !== undefined;
  const metadata = isTitled ? pluginMetadata('scalars', options) : undefined;
  return { tag, metadata, data: { type: 'simpleValue', value: Math.fround(value) } };
}
