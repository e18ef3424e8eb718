import type { FixedDType } from './dtype.js';
import type { FixedTensor } from './tensor.js';

/** How to see a NaN or an infinity in 32 bits at once, which hold one element, two, four or half a one. */
interface Pattern {
  /** The bits that are all ones in what is not finite. */
  readonly mask: number;
  /** The lowest of them: added, it carries over all the others if they are ones, and into the sign bit. */
  readonly carry: number;
  /** The sign bits. */
  readonly test: number;
  /** 2 to look at the upper half of 64 bits only. */
  readonly stride: 1 | 2;
}

const FLOAT32: Pattern = { mask: 0x7f800000, carry: 0x00800000, test: 0x80000000, stride: 1 };
const FLOAT64: Pattern = { mask: 0x7ff00000, carry: 0x00100000, test: 0x80000000, stride: 2 };
const PATTERNS: Readonly<Partial<Record<FixedDType, Pattern>>> = {
  float32: FLOAT32,
  complex64: FLOAT32,
  float64: FLOAT64,
  complex128: FLOAT64,
  float16: { mask: 0x7c007c00, carry: 0x04000400, test: 0x80008000, stride: 1 },
  bfloat16: { mask: 0x7f807f80, carry: 0x00800080, test: 0x80008000, stride: 1 },
  float8_e5m2: { mask: 0x7c7c7c7c, carry: 0x04040404, test: 0x80808080, stride: 1 },
  float8_e4m3fn: { mask: 0x7f7f7f7f, carry: 0x01010101, test: 0x80808080, stride: 1 },
};
/** The one NaN of the types without infinities and without -0. */
const FNUZ_NAN = 0x80;
/** A multiple of 8: so much is looked at before the answer is, and copied at once if it is not aligned. */
const BLOCK_BYTES = 64 << 10;

/**
 * Whether a tensor holds neither NaN nor an infinity; always so for integers and bool.
 *
 * It looks at the bits, some gigabytes a second, and reads `bytes` once.
 */
export function isAllFinite({ dtype, bytes }: FixedTensor): boolean {
  if (dtype.endsWith('fnuz')) return !bytes.includes(FNUZ_NAN);
  const pattern = PATTERNS[dtype];
  if (pattern === undefined) return true;

  const wholeBytes = bytes.length - (bytes.length % 4);
  const isAligned = bytes.byteOffset % 4 === 0;
  for (let at = 0; at < wholeBytes; at += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, wholeBytes - at);
    const view = bytes.subarray(at, at + length);
    const block = isAligned ? view : new Uint8Array(view);
    if (!isBlockFinite(new Int32Array(block.buffer, block.byteOffset, length / 4), pattern)) return false;
  }
  if (wholeBytes === bytes.length) return true;
  const tail = new Uint8Array(4);
  tail.set(bytes.subarray(wholeBytes));
  return isBlockFinite(new Int32Array(tail.buffer), pattern);
}

function isBlockFinite(words: Int32Array, { mask, carry, test, stride }: Pattern): boolean {
  let signs = 0;
  for (let i = stride - 1; i < words.length; i += stride) signs |= ((words[i] as number) & mask) + carry;
  return (signs & test) === 0;
}
