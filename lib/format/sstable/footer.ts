// The last 48 bytes of a table.
//
//     footer :=
//       metaindex_handle: handle
//       index_handle:     handle
//       padding:          zeros up to 40 bytes, not checked by readers
//       magic:            57 fb 80 8b 24 75 47 db   // 0xdb4775248b80fb57
//
// The magic number is the head of the SHA-1 of "http://code.google.com/p/leveldb/\n".
//
// Source: LevelDB, table/format.cc. Prose: docs/formats/sstable.md.

import type { ByteWriter } from '../byte-writer.js';
import { VarintCursor } from '../varint.js';
import { type BlockHandle, decodeBlockHandle, encodeBlockHandle } from './block-handle.js';

export const FOOTER_BYTES = 48;
const HANDLES_BYTES = 40;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

export interface Footer {
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
}

export function encodeFooter(target: ByteWriter, { metaindex, index }: Footer): void {
  const end = target.length + HANDLES_BYTES;
  encodeBlockHandle(target, metaindex);
  encodeBlockHandle(target, index);
  while (target.length < end) target.putByte(0);
  for (const byte of MAGIC) target.putByte(byte);
}

/**
 * @param bytes the last 48 bytes of the file
 * @throws CorruptDataError if they are no footer
 */
export function decodeFooter(bytes: Uint8Array, where: string): Footer {
  const cursor = new VarintCursor(bytes, 'sstable', where, 0, HANDLES_BYTES);
  if (MAGIC.some((byte, i) => bytes[HANDLES_BYTES + i] !== byte)) throw cursor.corrupt('bad magic number');
  return { metaindex: decodeBlockHandle(cursor), index: decodeBlockHandle(cursor) };
}
