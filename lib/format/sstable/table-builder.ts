// A table: sorted keys with values, immutable.
//
//     table   := block* metaindex_block index_block footer     // a block, here, with its trailer
//     trailer :=
//       type: uint8                        // 0: as it is, 1: Snappy
//       crc:  fixed32                      // masked crc32c of the block and the type
//
// The index block maps a separator behind each data block to the block's handle. The metaindex block is empty.
//
// Source: TensorFlow, tensorflow/tsl/lib/io/table_builder.cc, which is LevelDB's with options of its own. Prose:
// docs/formats/sstable.md.

import { ByteWriter } from '../byte-writer.js';
import { type Crc32c, crc32c as crc32cOfOurs, maskCrc } from '../crc32c.js';
import { BlockBuilder } from './block-builder.js';
import type { BlockHandle } from './block-handle.js';
import { encodeBlockHandle } from './block-handle.js';
import { compareBytes } from './compare-bytes.js';
import { encodeFooter } from './footer.js';
import { shortestSeparator, shortSuccessor } from './separator.js';

const UNCOMPRESSED = 0;
const RESTART_INTERVAL = 16;
const INDEX_RESTART_INTERVAL = 1;
/** An entry of this many blocks' size closes the block before it (TensorFlow's rule, not LevelDB's). */
const OVERLY_LARGE_RATIO = 2;

export interface TableBuilderOptions {
  /** When a block is closed, in bytes before its trailer. Default: 262,144, as TensorFlow writes. */
  readonly blockSizeBytes?: number | undefined;
  /** A faster CRC-32C. */
  readonly crc32c?: Crc32c | undefined;
}

/** Builds the bytes that TensorFlow writes for the same entries. */
export class TableBuilder {
  private readonly table = new ByteWriter();
  private readonly block = new BlockBuilder(RESTART_INTERVAL);
  private readonly index = new BlockBuilder(INDEX_RESTART_INTERVAL);
  private readonly blockSizeBytes: number;
  private readonly crc32c: Crc32c;
  private lastKey: Uint8Array | undefined;
  /** The last block that was closed, until its key in the index is known. Invariant: then `block` is empty. */
  private pending: BlockHandle | undefined;

  constructor({ blockSizeBytes = 262_144, crc32c = crc32cOfOurs }: TableBuilderOptions = {}) {
    this.blockSizeBytes = blockSizeBytes;
    this.crc32c = crc32c;
  }

  /**
   * Adds an entry. `value` is copied at once; `key` must not change until {@link finish}.
   *
   * @throws RangeError if `key` does not follow the key before it, in the order of unsigned bytes
   */
  add(key: Uint8Array, value: Uint8Array): void {
    if (this.lastKey !== undefined) {
      if (compareBytes(this.lastKey, key) >= 0) {
        throw new RangeError('TableBuilder.add(key): expected a key behind the last one, received one before it');
      }
      if (key.length + value.length >= OVERLY_LARGE_RATIO * this.blockSizeBytes) this.closeBlock();
      if (this.pending !== undefined) this.addToIndex(shortestSeparator(this.lastKey, key), this.pending);
    }
    this.lastKey = key;
    this.block.add(key, value);
    if (this.block.sizeBytes >= this.blockSizeBytes) this.closeBlock();
  }

  /** The whole table; the builder is used up. */
  finish(): Uint8Array<ArrayBuffer> {
    this.closeBlock();
    const metaindex = this.writeBlock(new BlockBuilder(RESTART_INTERVAL));
    if (this.pending !== undefined) this.addToIndex(shortSuccessor(this.lastKey as Uint8Array), this.pending);
    const index = this.writeBlock(this.index);
    encodeFooter(this.table, { metaindex, index });
    return this.table.written();
  }

  private closeBlock(): void {
    if (!this.block.isEmpty) this.pending = this.writeBlock(this.block);
  }

  private addToIndex(key: Uint8Array, handle: BlockHandle): void {
    const value = new ByteWriter(20);
    encodeBlockHandle(value, handle);
    this.index.add(key, value.written());
    this.pending = undefined;
  }

  private writeBlock(block: BlockBuilder): BlockHandle {
    const { table } = this;
    const offset = table.length;
    block.finish(table);
    const sizeBytes = table.length - offset;
    table.putByte(UNCOMPRESSED);
    table.putFixed32(maskCrc(this.crc32c(table.written(offset))));
    return { offset, sizeBytes };
  }
}
