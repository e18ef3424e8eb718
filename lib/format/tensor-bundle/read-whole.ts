import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { FixedDType } from '../../tensor/dtype.js';
import { elementCount, tensorBytes } from '../../tensor/tensor.js';
import type { ByteSource } from '../byte-source.js';
import { type Crc32c, maskCrc } from '../crc32c.js';
import type { BundleEntry } from './bundle-entry.js';
import type { BundleShards } from './bundle-shards.js';
import { decodeStrings } from './string-tensor.js';

/** Read and checksummed at a time, while it is in the processor's cache. */
const PIECE_BYTES = 1 << 20;

/**
 * Finds the bytes of a tensor of fixed-size elements that is stored as a whole.
 *
 * @throws CorruptDataError if they are not as many as the shape needs, or not there
 */
export function locateWhole(shards: BundleShards, entry: BundleEntry, dtype: FixedDType, where: string): ByteSource {
  const expected = tensorBytes(dtype, entry.shape);
  if (entry.sizeBytes !== expected) {
    const fault = `size ${entry.sizeBytes}, expected ${expected} for ${dtype} [${entry.shape.join(', ')}]`;
    throw new CorruptDataError('tensor-bundle', where, fault);
  }
  return shards.holding(entry, where);
}

/**
 * Reads these bytes piece by piece, into `into` if it is given, and checks their checksum.
 *
 * @throws CorruptDataError if it is wrong; `into` is written by then
 */
export function readWhole(
  source: ByteSource,
  { offset, sizeBytes, crc32c: stored }: BundleEntry,
  into: Uint8Array | undefined,
  where: string,
  crc32c: Crc32c,
): void {
  let crc = 0;
  for (let done = 0; done < sizeBytes; done += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, sizeBytes - done);
    const target = into?.subarray(done, done + length);
    if (target !== undefined && source.readInto !== undefined) {
      source.readInto(offset + done, target);
      crc = crc32c(target, crc);
    } else {
      const piece = source.read(offset + done, length);
      crc = crc32c(piece, crc);
      target?.set(piece);
    }
  }
  const masked = maskCrc(crc);
  if (masked !== stored) {
    const fault = `checksum mismatch: stored ${hex(stored)}, computed ${hex(masked)}`;
    throw new CorruptDataError('tensor-bundle', where, fault);
  }
}

/** Reads a string tensor that is stored as a whole, into memory of its own. */
export function readStrings(shards: BundleShards, entry: BundleEntry, where: string, crc32c: Crc32c): Uint8Array[] {
  const bytes = shards.holding(entry, where).read(entry.offset, entry.sizeBytes);
  return decodeStrings(bytes, elementCount(entry.shape), entry.crc32c, where, crc32c);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
