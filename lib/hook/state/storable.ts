import { DTYPES, type FixedDType } from '../../tensor/dtype.js';
import type { FixedTensor } from '../../tensor/tensor.js';

/** The arrays that are saved as tensors, bit for bit. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type NumberArrayClass = (new (buffer: ArrayBuffer) => NumberArray) & { readonly BYTES_PER_ELEMENT: number };

/** The class of array that holds the elements of a dtype. */
export const ARRAYS: ReadonlyMap<FixedDType, NumberArrayClass> = new Map<FixedDType, NumberArrayClass>([
  ['float32', Float32Array],
  ['float64', Float64Array],
  ['int8', Int8Array],
  ['int16', Int16Array],
  ['int32', Int32Array],
  ['uint8', Uint8Array],
  ['uint16', Uint16Array],
  ['uint32', Uint32Array],
  ['int64', BigInt64Array],
  ['uint64', BigUint64Array],
]);

/** The dtype under which `value` is saved, if it is an array of numbers. */
export function dtypeOfArray(value: object): FixedDType | undefined {
  for (const [dtype, ArrayClass] of ARRAYS) if (value instanceof ArrayClass) return dtype;
  return undefined;
}

/** Whether `value` is an object literal, or one without a prototype. */
export function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether `value` is a tensor by its fields, and no others. */
export function isFixedTensor(value: object): value is FixedTensor {
  if (!isPlainObject(value) || Object.keys(value).length !== 3) return false;
  const { dtype, shape, bytes } = value;
  return (
    dtype !== 'string' && DTYPES.some((known) => known === dtype) && Array.isArray(shape) && bytes instanceof Uint8Array
  );
}
