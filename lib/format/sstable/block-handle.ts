import type { ByteWriter } from '../byte-writer.js';
import type { VarintCursor } from '../varint.js';

/** Where a block lies in its file; `sizeBytes` does not count the trailer behind it. */
export interface BlockHandle {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A handle is `offset: varint64, size: varint64`. */
export function encodeBlockHandle(target: ByteWriter, { offset, sizeBytes }: BlockHandle): void {
  target.putVarint(offset);
  target.putVarint(sizeBytes);
}

/**
 * Reads a handle and leaves `cursor` behind it.
 *
 * @throws CorruptDataError if there is none, or one of its numbers is beyond 2^53
 */
export function decodeBlockHandle(cursor: VarintCursor): BlockHandle {
  return { offset: cursor.number(), sizeBytes: cursor.number() };
}
