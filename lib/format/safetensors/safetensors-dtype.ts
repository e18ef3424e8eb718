import type { FixedDType } from '../../tensor/dtype.js';

/**
 * The element types of the format, from the lowest alignment to the highest: the writer lays tensors out in the
 * reverse of this order, so every type of whole bytes comes to lie on a multiple of its own size.
 *
 * @see safetensors 0.8.0, safetensors/src/tensor.rs, Dtype
 */
export const SAFETENSORS_DTYPES = [
  'BOOL',
  'F4',
  'F6_E2M3',
  'F6_E3M2',
  'U8',
  'I8',
  'F8_E5M2',
  'F8_E4M3',
  'F8_E8M0',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
  'I16',
  'U16',
  'F16',
  'BF16',
  'I32',
  'U32',
  'F32',
  'C64',
  'F64',
  'I64',
  'U64',
] as const;

export type SafetensorsDType = (typeof SAFETENSORS_DTYPES)[number];

/** What the format says of one type, and which of our dtypes has the same elements. */
export interface SafetensorsDTypeInfo {
  /** The position in {@link SAFETENSORS_DTYPES}. */
  readonly rank: number;
  readonly bits: number;
  readonly dtype: FixedDType | undefined;
}

const FACTS: Readonly<Record<SafetensorsDType, readonly [bits: number, dtype?: FixedDType]>> = {
  BOOL: [8, 'bool'],
  F4: [4],
  F6_E2M3: [6],
  F6_E3M2: [6],
  U8: [8, 'uint8'],
  I8: [8, 'int8'],
  F8_E5M2: [8, 'float8_e5m2'],
  // Both programs mean the variant without infinities that TensorFlow calls e4m3fn.
  F8_E4M3: [8, 'float8_e4m3fn'],
  F8_E8M0: [8],
  F8_E4M3FNUZ: [8, 'float8_e4m3fnuz'],
  F8_E5M2FNUZ: [8, 'float8_e5m2fnuz'],
  I16: [16, 'int16'],
  U16: [16, 'uint16'],
  F16: [16, 'float16'],
  BF16: [16, 'bfloat16'],
  I32: [32, 'int32'],
  U32: [32, 'uint32'],
  F32: [32, 'float32'],
  C64: [64, 'complex64'],
  F64: [64, 'float64'],
  I64: [64, 'int64'],
  U64: [64, 'uint64'],
};

const infos = new Map<string, SafetensorsDTypeInfo>();
const names = new Map<string, SafetensorsDType>();
for (const [rank, name] of SAFETENSORS_DTYPES.entries()) {
  const [bits, dtype] = FACTS[name];
  infos.set(name, { rank, bits, dtype });
  if (dtype !== undefined) names.set(dtype, name);
}

/** Whether a text is one of the format's type names, which are in upper case only. */
export function isSafetensorsDType(text: string): text is SafetensorsDType {
  return infos.has(text);
}

/** The facts of one of the format's types. */
export function safetensorsDTypeInfo(name: SafetensorsDType): SafetensorsDTypeInfo {
  return infos.get(name) as SafetensorsDTypeInfo;
}

/** The format's name for one of our dtypes, or `undefined` if the format cannot hold it. */
export function safetensorsDTypeOf(dtype: string): SafetensorsDType | undefined {
  return names.get(dtype);
}
