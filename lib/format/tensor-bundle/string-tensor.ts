// The strings of a tensor of n elements in the data file, row-major.
//
//     strings := length: varint64     // n times
//                lengths_crc: fixed32 // masked crc32c of all lengths, each as fixed32, not as it stands there
//                string: uint8[length] // n times
//
// The entry's checksum is that of the lengths as fixed32, then lengths_crc as stored, then the strings.
//
// Source: TensorFlow, tensorflow/core/util/tensor_bundle/tensor_bundle.cc, WriteStringTensor and ReadStringTensor.

import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { ByteWriter } from '../byte-writer.js';
import { type Crc32c, maskCrc, maskedCrc32c } from '../crc32c.js';
import { VarintCursor } from '../varint.js';

const CRC_BYTES = 4;

export interface StringHead {
  /** The lengths and their checksum, as they stand in front of the strings. */
  readonly bytes: Uint8Array;
  /** The entry's checksum so far: the strings' bytes continue it. */
  readonly crc: number;
}

/** What stands in front of the strings `values`, which are shorter than 4 GiB each. */
export function encodeStringHead(values: readonly Uint8Array[], crc32c: Crc32c): StringHead {
  const head = new ByteWriter(values.length * 2 + CRC_BYTES);
  const fixed = new ByteWriter(values.length * 4 + CRC_BYTES);
  for (const { length } of values) {
    head.putVarint(length);
    fixed.putFixed32(length);
  }
  const lengthsCrc = maskCrc(crc32c(fixed.written()));
  head.putFixed32(lengthsCrc);
  fixed.putFixed32(lengthsCrc);
  return { bytes: head.written(), crc: crc32c(fixed.written()) };
}

/**
 * Reads `count` strings.
 *
 * @param bytes what the entry points to
 * @param stored the entry's checksum, masked
 * @returns views of one copy of `bytes`
 * @throws CorruptDataError if there are not exactly `count` strings, or a checksum is wrong
 */
export function decodeStrings(
  bytes: Uint8Array,
  count: number,
  stored: number,
  where: string,
  crc32c: Crc32c,
): Uint8Array[] {
  const cursor = new VarintCursor(bytes, 'tensor-bundle', where);
  // TensorFlow writes the checksum of no lengths, and reads nothing at all too.
  if (count === 0 && bytes.length === 0 && stored === maskedCrc32c(bytes)) return [];
  if (count + CRC_BYTES > bytes.length) throw cursor.corrupt(`size ${bytes.length} is too small for ${count} strings`);

  const lengths = new Uint32Array(count);
  const fixed = new ByteWriter(count * 4 + CRC_BYTES);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = cursor.number();
    total += length;
    if (total > bytes.length) throw cursor.corrupt(`string ${i} runs past the end`);
    lengths[i] = length;
    fixed.putFixed32(length);
  }

  const stringsAt = cursor.offset + CRC_BYTES;
  if (stringsAt > bytes.length) throw cursor.corrupt('the checksum of the lengths is cut');
  const lengthsCrc = new DataView(bytes.buffer, bytes.byteOffset).getUint32(cursor.offset, true);
  if (lengthsCrc !== maskCrc(crc32c(fixed.written()))) throw cursor.corrupt('checksum mismatch of the string lengths');
  if (stringsAt + total > bytes.length) throw cursor.corrupt('the last strings run past the end');
  if (stringsAt + total < bytes.length) {
    throw cursor.corrupt(`${bytes.length - stringsAt - total} bytes behind the last string`);
  }

  fixed.putFixed32(lengthsCrc);
  // Not `slice`, which on a Node buffer is a view.
  const copy = new Uint8Array(bytes.subarray(stringsAt));
  const crc = maskCrc(crc32c(copy, crc32c(fixed.written())));
  if (crc !== stored) {
    throw new CorruptDataError(
      'tensor-bundle',
      where,
      `checksum mismatch: stored ${hex(stored)}, computed ${hex(crc)}`,
    );
  }
  let at = 0;
  return Array.from(lengths, (length) => copy.subarray(at, (at += length)));
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
