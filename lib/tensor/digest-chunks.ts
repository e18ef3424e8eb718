import type { Tensor } from './tensor.js';

/**
 * The bytes that stand for a tensor's elements when it is hashed: those of a fixed-size dtype as they are,
 * little-endian and row-major; of strings each one's length as fixed64, then its bytes. Dtype and shape are not in it.
 *
 * A chunk is only valid until the next one is asked for.
 */
export function* digestChunks(tensor: Tensor): Generator<Uint8Array, void, undefined> {
  if (tensor.dtype !== 'string') {
    yield tensor.bytes;
    return;
  }
  const length = new Uint8Array(8);
  const view = new DataView(length.buffer);
  for (const value of tensor.values) {
    view.setBigUint64(0, BigInt(value.length), true);
    yield length;
    yield value;
  }
}
