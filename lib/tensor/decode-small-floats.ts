import { isSmallFloat, type SmallFloat, type SmallFloatLayout, smallFloatLayout } from './small-float.js';

const tables = new Map<SmallFloat, Uint32Array>();

/**
 * Widens floats of 8 or 16 bits to float32, exactly: -0, infinities and the payloads of NaNs are kept.
 *
 * @param bytes little-endian elements; a length that is no multiple of the element's is a `RangeError`
 * @returns a new array
 */
export function decodeSmallFloats(dtype: SmallFloat, bytes: Uint8Array): Float32Array {
  if (!isSmallFloat(dtype)) {
    throw new TypeError(`decodeSmallFloats(dtype): expected a float of 8 or 16 bits, received ${String(dtype)}`);
  }
  const size = smallFloatLayout(dtype).bytes;
  if (bytes.length % size !== 0) {
    throw new RangeError(
      `decodeSmallFloats(${dtype}, bytes): expected a multiple of ${size} bytes, received ${bytes.length}`,
    );
  }
  const table = tableOf(dtype);
  // Written as bits: a NaN that goes through a Number may lose its payload.
  const bits = new Uint32Array(bytes.length / size);
  if (size === 1) {
    for (let i = 0; i < bits.length; i++) bits[i] = table[bytes[i] as number] as number;
  } else {
    for (let i = 0; i < bits.length; i++) {
      bits[i] = table[(bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8)] as number;
    }
  }
  return new Float32Array(bits.buffer);
}

/** The float32 bits of every pattern: 1 KiB or 256 KiB, made at first use. */
function tableOf(dtype: SmallFloat): Uint32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    const layout = smallFloatLayout(dtype);
    table = Uint32Array.from({ length: 2 ** (8 * layout.bytes) }, (_, pattern) => widen(pattern, layout));
    tables.set(dtype, table);
  }
  return table;
}

function widen(pattern: number, { bytes, exponentBits, mantissaBits, bias, kind }: SmallFloatLayout): number {
  const signBit = 2 ** (8 * bytes - 1);
  const sign = pattern >= signBit ? 0x80000000 : 0;
  const magnitude = pattern % signBit;
  const exponent = magnitude >> mantissaBits;
  const mantissa = magnitude & (2 ** mantissaBits - 1);
  const shifted = mantissa << (23 - mantissaBits);

  if (kind === 'ieee' && exponent === 2 ** exponentBits - 1) return sign + 0x7f800000 + shifted;
  if (kind === 'fn' && magnitude === signBit - 1) return sign + 0x7fc00000;
  if (kind === 'fnuz' && pattern === signBit) return 0x7fc00000;

  const value =
    exponent === 0
      ? mantissa * 2 ** (1 - bias - mantissaBits)
      : (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
  return new Uint32Array(Float32Array.of(sign === 0 ? value : -value).buffer)[0] as number;
}
