import type { DType } from '../tensor/dtype.js';

// Source: TensorFlow, tensorflow/core/framework/types.proto, DataType. Every dtype of ours is in it.
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

const DTYPES_BY_NUMBER: ReadonlyMap<number, DType> = new Map(
  (Object.keys(NUMBERS) as DType[]).map((dtype) => [NUMBERS[dtype], dtype]),
);

/** The number of a dtype in TensorFlow's protobufs. */
export function dtypeNumber(dtype: DType): number {
  return NUMBERS[dtype];
}

/** The dtype of that number; `undefined` for one that a tensor of ours cannot have, such as `variant`. */
export function dtypeOfNumber(number: number): DType | undefined {
  return DTYPES_BY_NUMBER.get(number);
}
