import { isSmallFloat, type SmallFloat, type SmallFloatLayout, smallFloatLayout } from './small-float.js';

/**
 * Rounds float32 to floats of 8 or 16 bits: to the nearest, ties to even, tiny values to subnormals.
 *
 * What is too large becomes infinity, or NaN in the types that have none. NaN stays NaN, with as much of its payload
 * as fits.
 *
 * @returns little-endian elements, new
 */
export function encodeSmallFloats(dtype: SmallFloat, values: Float32Array): Uint8Array {
  if (!isSmallFloat(dtype)) {
    throw new TypeError(`encodeSmallFloats(dtype): expected a float of 8 or 16 bits, received ${String(dtype)}`);
  }
  const layout = smallFloatLayout(dtype);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(values.length * layout.bytes);
  for (let i = 0; i < bits.length; i++) {
    const pattern = narrow(bits[i] as number, layout);
    if (layout.bytes === 1) {
      bytes[i] = pattern;
    } else {
      bytes[2 * i] = pattern & 0xff;
      bytes[2 * i + 1] = pattern >> 8;
    }
  }
  return bytes;
}

function narrow(bits: number, { bytes, exponentBits, mantissaBits, bias, kind }: SmallFloatLayout): number {
  const signBit = 1 << (8 * bytes - 1);
  const sign = bits >= 0x80000000 ? signBit : 0;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  // Above the largest finite value: infinity or NaN, by kind.
  const over =
    kind === 'fnuz' ? signBit : sign | (kind === 'fn' ? signBit - 1 : (2 ** exponentBits - 1) << mantissaBits);

  if (exponent === 0xff) {
    if (mantissa === 0 || kind !== 'ieee') return over;
    const payload = mantissa >> (23 - mantissaBits);
    return over | (payload === 0 ? 1 << (mantissaBits - 1) : payload);
  }

  // The value is `significand * 2^(scale - 23)`; subnormals of float32 have no hidden one.
  const significand = exponent === 0 ? mantissa : mantissa | 0x800000;
  const scale = Math.max(exponent, 1) - 127;
  // In the target, the mantissa loses `drop` bits; below its smallest normal, one more for each power of two.
  const target = scale + bias;
  const drop = 23 - mantissaBits + Math.max(0, 1 - target);
  // A normal's hidden one counts as one exponent, and so does a carry out of the mantissa.
  const base = target >= 1 ? (target - 1) * 2 ** mantissaBits : 0;
  const magnitude = base + roundShift(significand, drop);

  const limit = kind === 'ieee' ? (2 ** exponentBits - 1) << mantissaBits : kind === 'fn' ? signBit - 1 : signBit;
  if (magnitude >= limit) return over;
  if (magnitude === 0 && kind === 'fnuz') return 0;
  return sign | magnitude;
}

/** `significand / 2^drop`, to the nearest, ties to even. REQUIRES: `significand < 2^24`, `drop >= 1`. */
function roundShift(significand: number, drop: number): number {
  // More than 24 bits down nothing is left, not even half a unit.
  if (drop > 24) return 0;
  const kept = significand >>> drop;
  const rest = significand - kept * 2 ** drop;
  const half = 2 ** (drop - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}
