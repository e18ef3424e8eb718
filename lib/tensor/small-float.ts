// Floats of 8 and 16 bits, as a sign, an exponent and a mantissa like float32's, in three ways:
//
//   ieee    exponent all ones: infinity (mantissa 0) or NaN
//   fn      no infinity; NaN is all ones after the sign
//   fnuz    no infinity, no -0; NaN is what would be -0
//
// Source: arXiv 2209.05433 for e4m3fn and e5m2, arXiv 2206.02915 for fnuz; LLVM, llvm/ADT/APFloat.h. Overflow is
// without saturation.

import type { FixedDType } from './dtype.js';

export const SMALL_FLOATS = [
  'float16',
  'bfloat16',
  'float8_e5m2',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e4m3b11fnuz',
  'float8_e5m2fnuz',
] as const satisfies readonly FixedDType[];

/** The float types that JavaScript has no arrays of; float32 holds every value of each. */
export type SmallFloat = (typeof SMALL_FLOATS)[number];

export interface SmallFloatLayout {
  readonly bytes: 1 | 2;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /** What is subtracted from the stored exponent. */
  readonly bias: number;
  readonly kind: 'ieee' | 'fn' | 'fnuz';
}

const LAYOUTS: Readonly<Record<SmallFloat, SmallFloatLayout>> = {
  float16: { bytes: 2, exponentBits: 5, mantissaBits: 10, bias: 15, kind: 'ieee' },
  bfloat16: { bytes: 2, exponentBits: 8, mantissaBits: 7, bias: 127, kind: 'ieee' },
  float8_e5m2: { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 15, kind: 'ieee' },
  float8_e4m3fn: { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 7, kind: 'fn' },
  float8_e4m3fnuz: { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 8, kind: 'fnuz' },
  float8_e4m3b11fnuz: { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 11, kind: 'fnuz' },
  float8_e5m2fnuz: { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 16, kind: 'fnuz' },
};

export function isSmallFloat(dtype: string): dtype is SmallFloat {
  return Object.hasOwn(LAYOUTS, dtype);
}

export function smallFloatLayout(dtype: SmallFloat): SmallFloatLayout {
  return LAYOUTS[dtype];
}
