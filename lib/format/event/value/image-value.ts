import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeStringTensor } from '../../../tensor/make-tensor.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

export interface EncodedImages {
  /** In pixels; labels that TensorBoard shows, and must be there. */
  readonly width: number;
  readonly height: number;
  /** Image files in any format that a browser shows: PNG, JPEG, GIF. */
  readonly encoded: readonly Uint8Array[];
}

const OPTIONS: OptionNames<ValueOptions> = { displayName: true, description: true };

/**
 * Images of one size, shown as a series.
 *
 * @throws TypeError, RangeError for an empty tag, no image, or a width or height that is no positive whole number
 * @see encodePngs, which makes them from pixels
 */
export function imageValue(tag: string, images: EncodedImages, options: ValueOptions = {}): SummaryValue {
  checkOptions('imageValue(options)', options, OPTIONS);
  const { width, height, encoded } = images;
  checkTag('imageValue', tag);
  for (const [name, size] of Object.entries({ width, height })) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`imageValue(${name}): expected a positive whole number, received ${size}`);
    }
  }
  if (encoded.length === 0) throw new RangeError('imageValue(encoded): expected at least one image, received none');
  for (const image of encoded) {
    if (!(image instanceof Uint8Array) || image.length === 0) {
      throw new TypeError('imageValue(encoded): expected image files as bytes, received something else or no bytes');
    }
  }
  const tensor = makeStringTensor([2 + encoded.length], [String(width), String(height), ...encoded]);
  return { tag, metadata: pluginMetadata('images', options), data: { type: 'tensor', tensor } };
}
