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
  return makeTensor('float32', [], Float32Array.of(value));
}

/** An int64 scalar, as TensorFlow keeps its global step. */
export function int64Scalar(value: number | bigint): FixedTensor {
  return makeTensor('int64', [], BigInt64Array.of(BigInt(value)));
}
