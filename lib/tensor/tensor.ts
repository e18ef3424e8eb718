import { type DType, elementBytes, type FixedDType } from './dtype.js';

/** What is known of a tensor without its elements: `shape` is `[d0, …, dn-1]`, `[]` for a scalar. */
export interface TensorSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A tensor whose elements have one size. */
export interface FixedTensor extends TensorSpec {
  readonly dtype: FixedDType;
  /**
   * The elements, little-endian, row-major, without a header. A source that reads from a device may make this a
   * getter, so read it once and do not keep it: it may be a view that the next training step overwrites.
   */
  readonly bytes: Uint8Array;
}

/** A tensor of byte strings, row-major. */
export interface StringTensor extends TensorSpec {
  readonly dtype: 'string';
  readonly values: readonly Uint8Array[];
}

/** The plain value in which state leaves and enters a model: no device, no framework. */
export type Tensor = FixedTensor | StringTensor;

/** Tensors by name. A `Map`, since a name may be anything, `__proto__` too. */
export type Tensors = ReadonlyMap<string, Tensor>;

/**
 * How many elements `shape` holds: 1 for a scalar.
 *
 * @throws RangeError if a dimension is no whole number from 0, or the product exceeds 2^53 - 1
 */
export function elementCount(shape: readonly number[]): number {
  if (!Array.isArray(shape)) throw new TypeError(`shape: expected whole numbers, received ${typeof shape}`);
  let count = 1;
  let overflowed = false;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`shape: expected whole numbers from 0, received [${shape.join(', ')}]`);
    }
    count *= size;
    overflowed ||= count > Number.MAX_SAFE_INTEGER;
  }
  if (overflowed) throw new RangeError(`shape: [${shape.join(', ')}] has too many elements`);
  return count;
}

/** The size in bytes of the elements of a fixed-size tensor of this dtype and shape. */
export function tensorBytes(dtype: FixedDType, shape: readonly number[]): number {
  return elementCount(shape) * elementBytes(dtype);
}
