import { encode } from 'fast-png';
import type { EncodedImages } from '../value/image-value.js';

const MAX_PIXELS = 2 ** 28;

/** Pixels, row by row from the top, the channels of a pixel side by side. */
export interface PixelBatch {
  /** `[images, height, width, channels]`; 1 channel is gray, 2 gray and alpha, 3 RGB, 4 RGBA. */
  readonly shape: readonly [images: number, height: number, width: number, channels: number];
  /**
   * Bytes from 0 to 255, 16-bit samples as they are, or floats from 0 to 1, which become bytes: clamped, rounded, NaN as
   * 0.
   */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array | Float64Array;
}

/**
 * Each image of a batch as a PNG file, ready for `imageValue`.
 *
 * @throws TypeError for data of another kind
 * @throws RangeError for a shape that is none of images, that has over 2^28 pixels, or that does not fit the data
 */
export function encodePngs({ shape, data }: PixelBatch): EncodedImages {
  const [images, height, width, channels] = checkShape(shape);
  const samples = toSamples(data);
  const each = height * width * channels;
  if (samples.length !== images * each) {
    throw new RangeError(
      `encodePngs(data): expected ${images * each} samples for shape [${shape.join(', ')}], received ${samples.length}`,
    );
  }
  const depth = samples instanceof Uint16Array ? 16 : 8;
  const encoded = Array.from({ length: images }, (_, i) =>
    encode({ width, height, channels, depth, data: samples.slice(i * each, (i + 1) * each) }),
  );
  return { width, height, encoded };
}

function checkShape(shape: readonly number[]): readonly [number, number, number, number] {
  const [images = 0, height = 0, width = 0, channels = 0] = shape;
  const isWhole = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  if (shape.length !== 4 || !isWhole || channels > 4) {
    throw new RangeError(
      `encodePngs(shape): expected [images, height, width, channels] with 1 to 4 channels, received [${shape.join(', ')}]`,
    );
  }
  if (images * height * width > MAX_PIXELS) {
    throw new RangeError(`encodePngs(shape): expected at most ${MAX_PIXELS} pixels, received [${shape.join(', ')}]`);
  }
  return [images, height, width, channels];
}

function toSamples(data: PixelBatch['data']): Uint8Array | Uint16Array {
  if (data instanceof Uint8Array || data instanceof Uint16Array) return data;
  if (data instanceof Uint8ClampedArray) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (data instanceof Float32Array || data instanceof Float64Array) {
    const bytes = new Uint8ClampedArray(data.length);
    for (let i = 0; i < data.length; i++) bytes[i] = (data[i] as number) * 255;
    return new Uint8Array(bytes.buffer);
  }
  throw new TypeError('encodePngs(data): expected bytes, 16-bit samples or floats in a typed array');
}
