import { elementBytes, type FixedDType } from './dtype.js';
import { elementCount, type FixedTensor, type StringTensor } from './tensor.js';

const encoder = new TextEncoder();

/**
 * Makes a fixed-size tensor over `data` without copying it: the tensor is a view, so it changes when `data` does.
 *
 * @param data the elements in row-major order; its byte length must be that of `shape` and `dtype`
 * @throws RangeError if `data` does not have the bytes that `shape` needs, for one because it was transferred away
 */
export function makeTensor(dtype: FixedDType, shape: readonly number[], data: ArrayBufferView): FixedTensor {
  if (!ArrayBuffer.isView(data)) {
    throw new TypeError(`makeTensor(data): expected a typed array, received ${typeof data}`);
  }
  const elements = elementCount(shape);
  const expected = elements * elementBytes(dtype);
  if (data.byteLength !== expected) {
    throw new RangeError(
      `makeTensor(${dtype}, [${shape.join(', ')}]): shape needs ${elements} elements (${expected} bytes), data has ` +
        `${data.byteLength} bytes${data.byteLength === 0 ? ' (empty or detached)' : ''}`,
    );
  }
  return { dtype, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** Makes a tensor of strings; text is encoded as UTF-8. */
export function makeStringTensor(shape: readonly number[], values: readonly (string | Uint8Array)[]): StringTensor {
  if (!Array.isArray(values)) {
    throw new TypeError(`makeStringTensor(values): expected a list of strings, received ${typeof values}`);
  }
  if (elementCount(shape) !== values.length) {
    throw new RangeError(
      `makeStringTensor([${shape.join(', ')}]): shape needs ${elementCount(shape)} values, received ${values.length}`,
    );
  }
  return {
    dtype: 'string',
    shape,
    values: values.map((value) => (typeof value === 'string' ? encoder.encode(value) : value)),
  };
}

/** A float32 scalar. */
export function float32Scalar(value: number): FixedTensor {
  if (typeof value !== 'number') {
    throw new TypeError(`float32Scalar(value): expected a number, received ${typeof value}`);
  }
  return makeTensor('float32', [], Float32Array.of(value));
}

/**
 * An int64 scalar, as TensorFlow keeps its global step.
 *
 * @throws RangeError for a number that is not whole, or too large to be exact
 */
export function int64Scalar(value: number | bigint): FixedTensor {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
    throw new RangeError(`int64Scalar(value): expected a whole number, received ${String(value)}`);
  }
  return makeTensor('int64', [], BigInt64Array.of(BigInt(value)));
}
