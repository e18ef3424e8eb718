import { encodePngs, type PixelBatch } from '../media/encode-png.js';

// Browsers refuse larger textures.
const MAX_SIDE = 8192;

/**
 * One PNG of small pictures in a square, row by row, as TensorBoard's projector cuts it up again: as many columns as the
 * root of their number, rounded up.
 *
 * @param pictures a batch of pictures, one for each point; bytes
 * @throws RangeError if the square would be wider than 8192 pixels, and as `encodePngs`
 */
export function encodeSprite({ shape, data }: PixelBatch & { readonly data: Uint8Array }): Uint8Array {
  const [count, height, width, channels] = shape;
  const columns = Math.ceil(Math.sqrt(count));
  if (!(columns * width <= MAX_SIDE && columns * height <= MAX_SIDE)) {
    throw new RangeError(
      `encodeSprite(shape): expected at most ${MAX_SIDE} pixels a side, received [${shape.join(', ')}]`,
    );
  }
  if (data.length !== count * height * width * channels) {
    throw new RangeError(`encodeSprite(data): expected bytes for [${shape.join(', ')}], received ${data.length}`);
  }
  const rowBytes = width * channels;
  const square = new Uint8Array(columns * columns * height * rowBytes);
  for (let picture = 0; picture < count; picture++) {
    const left = (picture % columns) * rowBytes;
    const top = Math.floor(picture / columns) * height;
    for (let y = 0; y < height; y++) {
      const from = (picture * height + y) * rowBytes;
      square.set(data.subarray(from, from + rowBytes), (top + y) * columns * rowBytes + left);
    }
  }
  const batch = encodePngs({ shape: [1, columns * height, columns * width, channels], data: square });
  return batch.encoded[0] as Uint8Array;
}
