import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { DType } from '../../tensor/dtype.js';

// Source: TensorFlow, tensorflow/core/framework/types.proto. 20 and 21 are kinds of tensors that hold no plain data.
const NUMBERS: Readonly<Record<DType, number>> = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  qint8: 11,
  quint8: 12,
  qint32: 13,
  bfloat16: 14,
  qint16: 15,
  quint16: 16,
  uint16: 17,
  complex128: 18,
  float16: 19,
  uint32: 22,
  uint64: 23,
  float8_e5m2: 24,
  float8_e4m3fn: 25,
  float8_e4m3fnuz: 26,
  float8_e4m3b11fnuz: 27,
  float8_e5m2fnuz: 28,
  int4: 29,
  uint4: 30,
};
const DTYPES_BY_NUMBER = new Map((Object.keys(NUMBERS) as DType[]).map((dtype) => [NUMBERS[dtype], dtype]));
const UNHOLDABLE = new Map([
  [20, 'resource'],
  [21, 'variant'],
]);

/** The number of `dtype` in TensorFlow's protobufs. */
export function dtypeNumber(dtype: DType): number {
  return NUMBERS[dtype];
}

/**
 * The inverse of {@link dtypeNumber}.
 *
 * @throws UnsupportedDataError for resources and variants
 * @throws CorruptDataError for a number that is none of a dtype
 */
export function dtypeOf(number: number, format: string, where: string): DType {
  const dtype = DTYPES_BY_NUMBER.get(number);
  if (dtype !== undefined) return dtype;
  const name = UNHOLDABLE.get(number);
  if (name !== undefined) throw new UnsupportedDataError(format, where, `tensor of dtype ${name}`);
  throw new CorruptDataError(format, where, `tensor of dtype ${number}, which is none`);
}
