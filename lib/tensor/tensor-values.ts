import { decodeSmallFloats } from './decode-small-floats.js';
import type { FixedDType } from './dtype.js';
import { isSmallFloat } from './small-float.js';
import type { FixedTensor } from './tensor.js';

const WHOLE = {
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  qint8: Int8Array,
  qint16: Int16Array,
  qint32: Int32Array,
  quint8: Uint8Array,
  quint16: Uint16Array,
  bool: Uint8Array,
} as const;

type WholeDType = keyof typeof WHOLE;

/** The array that {@link tensorValues} gives for each dtype. */
export type TensorValues<D extends FixedDType = FixedDType> = D extends WholeDType
  ? InstanceType<(typeof WHOLE)[D]>
  : D extends 'int4'
    ? Int8Array
    : D extends 'uint4'
      ? Uint8Array
      : Float32Array;

/**
 * The elements of a tensor as numbers, exactly.
 *
 * 64-bit integers come as bigints, since a Number would lose bits; floats of 8 and 16 bits as float32, which holds all
 * of their values; complex numbers as real and imaginary parts in turn, so twice as many; `bool` and the quantized types
 * as the stored integers; `int4` with its sign.
 *
 * @returns a view of the tensor's bytes where the array's type and alignment allow it, else a copy: read it, and do not
 *   write to it
 */
export function tensorValues<D extends FixedDType>(tensor: FixedTensor & { readonly dtype: D }): TensorValues<D>;
export function tensorValues(tensor: FixedTensor): TensorValues {
  if (typeof tensor?.dtype !== 'string') {
    throw new TypeError(`tensorValues(tensor): expected a tensor, received ${typeof tensor}`);
  }
  const { dtype, bytes } = tensor;
  if (isSmallFloat(dtype)) return decodeSmallFloats(dtype, bytes);
  // The upper half of the byte says nothing.
  if (dtype === 'int4') return Int8Array.from(bytes, (byte) => (byte << 28) >> 28);
  if (dtype === 'uint4') return bytes.map((byte) => byte & 0x0f);

  const ArrayType = WHOLE[dtype];
  const size = ArrayType.BYTES_PER_ELEMENT;
  // Not `slice()`: on a Node Buffer that is a view.
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new ArrayType(buffer as ArrayBuffer, byteOffset, bytes.length / size);
}
