// Snappy's raw format: the length of the result, then literals and copies of what was already put out.
//
//     stream  := length: varint32, element*
//     element := literal: tag & 3 == 0, (tag >> 2) + 1 bytes; from 60 on, 1 to 4 bytes hold the length less one
//              | copy:    tag & 3 == 1, 4 + (tag >> 2 & 7) bytes, offset of 11 bits: tag >> 5, then one byte
//              |          tag & 3 == 2, 1 + (tag >> 2) bytes, offset of 2 bytes
//              |          tag & 3 == 3, 1 + (tag >> 2) bytes, offset of 4 bytes
//
// Source: Snappy, format_description.txt.

import snappy from 'snappyjs';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import { VarintCursor } from '../varint.js';

/** Far beyond every block that is written: TensorFlow closes one at 262,144 bytes. */
const MAX_UNCOMPRESSED_BYTES = 64 * 1024 * 1024;

/**
 * Decompresses one block.
 *
 * @throws CorruptDataError if `compressed` is not one whole Snappy stream
 * @throws UnsupportedDataError if the result would exceed 64 MiB; nothing is allocated for it
 */
export function uncompressSnappy(compressed: Uint8Array, format: string, where: string): Uint8Array<ArrayBuffer> {
  const cursor = new VarintCursor(compressed, format, where);
  const sizeBytes = cursor.number();
  if (sizeBytes > MAX_UNCOMPRESSED_BYTES) {
    throw new UnsupportedDataError(format, where, `a block of ${sizeBytes} bytes exceeds ${MAX_UNCOMPRESSED_BYTES}`);
  }
  checkElements(cursor, sizeBytes);
  // Without the type of a Node buffer, which snappyjs would answer with another one.
  return snappy.uncompress(new Uint8Array(compressed.buffer, compressed.byteOffset, compressed.length), sizeBytes);
}

/**
 * Walks over all elements before anything is decompressed: snappyjs follows lengths over the end of its input, can be
 * sent round in circles by a negative one, and does not see that a stream yields too little.
 */
function checkElements(cursor: VarintCursor, sizeBytes: number): void {
  const { bytes, end } = cursor;
  let at = cursor.offset;
  let produced = 0;
  while (at < end) {
    const tag = bytes[at++] as number;
    const kind = tag & 3;
    const code = tag >>> 2;
    if (kind === 0) {
      const lengthBytes = Math.max(0, code - 59);
      const length = (lengthBytes === 0 ? code : littleEndian(bytes, at, lengthBytes, end)) + 1;
      at += lengthBytes + length;
      produced += length;
    } else {
      const offsetBytes = kind === 3 ? 4 : kind;
      const low = littleEndian(bytes, at, offsetBytes, end);
      const offset = kind === 1 ? low + ((tag >>> 5) << 8) : low;
      if (offset === 0 || offset > produced) throw cursor.corrupt('compressed block copies what is not there');
      at += offsetBytes;
      produced += kind === 1 ? (code & 7) + 4 : code + 1;
    }
    if (at > end) throw cursor.corrupt('compressed block ends inside an element');
    if (produced > sizeBytes) throw cursor.corrupt('compressed block yields more than it says');
  }
  if (produced !== sizeBytes) throw cursor.corrupt('compressed block yields less than it says');
}

/** The number in `count` bytes from `at`; past `end` any, for then the element is refused by its end. */
function littleEndian(bytes: Uint8Array, at: number, count: number, end: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 0x100 + (at + i < end ? (bytes[at + i] as number) : 0);
  return value;
}
