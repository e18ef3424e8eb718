// CRC-32C (Castagnoli): polynomial 0x1EDC6F41, reflected 0x82F63B78, initial value and final XOR 0xFFFFFFFF.
//
// Source: RFC 3720, appendix B.4; the mask: LevelDB, util/crc32c.h. Slicing by 8 after Kounavis and Berry, "A
// Systematic Approach to Building High Performance Software-based CRC Generators" (2005).

const POLYNOMIAL = 0x82f63b78;

// TABLES[k * 256 + b] is the CRC of byte b followed by k zero bytes.
const TABLES = makeTables();

const IS_LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** Any function that continues a CRC-32C over more bytes, such as a native one. */
export type Crc32c = (bytes: Uint8Array, seed?: number) => number;

/**
 * The CRC-32C of `bytes`, unsigned. With `seed`, the CRC of earlier bytes, it is the CRC of those bytes followed by
 * these.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const t = TABLES;
  const end = bytes.length;
  let crc = ~seed;
  let i = 0;
  if (IS_LITTLE_ENDIAN && end >= 16) {
    // Word by word, from the first aligned one on.
    for (; ((bytes.byteOffset + i) & 3) !== 0; i++)
      crc = (t[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, ((end - i) >>> 3) * 2);
    for (let w = 0; w < words.length; w += 2) {
      const low = crc ^ (words[w] as number);
      const high = words[w + 1] as number;
      crc =
        (t[1792 + (low & 255)] as number) ^
        (t[1536 + ((low >>> 8) & 255)] as number) ^
        (t[1280 + ((low >>> 16) & 255)] as number) ^
        (t[1024 + (low >>> 24)] as number) ^
        (t[768 + (high & 255)] as number) ^
        (t[512 + ((high >>> 8) & 255)] as number) ^
        (t[256 + ((high >>> 16) & 255)] as number) ^
        (t[high >>> 24] as number);
    }
    i += words.length * 4;
  }
  for (; i < end; i++) crc = (t[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** A checksum as it is stored: rotated and offset, so that a CRC over data that holds CRCs stays a good CRC. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The inverse of {@link maskCrc}. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** `maskCrc(crc32c(bytes))`. */
export function maskedCrc32c(bytes: Uint8Array): number {
  return maskCrc(crc32c(bytes));
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256] as number;
    tables[i] = (tables[previous & 255] as number) ^ (previous >>> 8);
  }
  return tables;
}
