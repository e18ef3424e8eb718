/**
 * The element types a tensor may have, under TensorFlow's names.
 *
 * `string` is the only one without a fixed element size. `int4` and `uint4` take a whole byte an element, as in
 * TensorFlow's files.
 *
 * @see TensorFlow, tensorflow/core/framework/types.proto
 */
export const DTYPES = [
  'float32',
  'float64',
  'int32',
  'uint8',
  'int16',
  'int8',
  'string',
  'complex64',
  'int64',
  'bool',
  'qint8',
  'quint8',
  'qint32',
  'bfloat16',
  'qint16',
  'quint16',
  'uint16',
  'complex128',
  'float16',
  'uint32',
  'uint64',
  'float8_e5m2',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e4m3b11fnuz',
  'float8_e5m2fnuz',
  'int4',
  'uint4',
] as const;

export type DType = (typeof DTYPES)[number];

/** Every dtype whose elements have one size. */
export type FixedDType = Exclude<DType, 'string'>;

const ELEMENT_BYTES: Readonly<Record<FixedDType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
  int16: 2,
  int8: 1,
  complex64: 8,
  int64: 8,
  bool: 1,
  qint8: 1,
  quint8: 1,
  qint32: 4,
  bfloat16: 2,
  qint16: 2,
  quint16: 2,
  uint16: 2,
  complex128: 16,
  float16: 2,
  uint32: 4,
  uint64: 8,
  float8_e5m2: 1,
  float8_e4m3fn: 1,
  float8_e4m3fnuz: 1,
  float8_e4m3b11fnuz: 1,
  float8_e5m2fnuz: 1,
  int4: 1,
  uint4: 1,
};

/** The size of one element in bytes. */
export function elementBytes(dtype: FixedDType): number {
  return ELEMENT_BYTES[dtype];
}
