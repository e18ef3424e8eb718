import { TruncatedDataError } from '../../error/truncated-data-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { ByteSource } from '../byte-source.js';
import { type Crc32c, crc32c as crc32cOfOurs } from '../crc32c.js';
import { VarintCursor } from '../varint.js';
import { type BlockEntry, blockEntries } from './block-entries.js';
import { type BlockHandle, decodeBlockHandle } from './block-handle.js';
import { compareBytes } from './compare-bytes.js';
import { decodeFooter, FOOTER_BYTES } from './footer.js';
import { readBlock } from './read-block.js';

/** Shared prefixes let a small file hold keys without end; a million names of 256 bytes are within this. */
const MAX_KEYS_BYTES = 256 * 1024 * 1024;
/** JavaScript engines do not hash longer strings, so that a map of them would take quadratic time. */
export const MAX_KEY_BYTES = 16_000;

export interface TableReaderOptions {
  /** A faster CRC-32C. */
  readonly crc32c?: Crc32c | undefined;
}

/**
 * Reads a table from front to back.
 *
 * @see table-builder.ts for the layout, docs/formats/sstable.md for what is checked
 */
export class TableReader {
  private readonly crc32c: Crc32c;
  private readonly blocks: readonly IndexEntry[];

  /**
   * Reads the footer, the metaindex block and the index block.
   *
   * @throws TruncatedDataError if the file is too short for a footer
   * @throws CorruptDataError if one of them is damaged
   */
  constructor(
    private readonly source: ByteSource,
    { crc32c = crc32cOfOurs }: TableReaderOptions = {},
  ) {
    this.crc32c = crc32c;
    const { name, sizeBytes } = source;
    if (sizeBytes < FOOTER_BYTES) {
      throw new TruncatedDataError('sstable', name, `${sizeBytes} bytes are too short for a table`);
    }
    const footer = decodeFooter(source.read(sizeBytes - FOOTER_BYTES, FOOTER_BYTES), `${name}, footer`);
    // Nothing is kept there, but it is part of the file: its damage is the file's.
    readBlock(source, footer.metaindex, crc32c);
    this.blocks = decodeIndex(source, footer.index, crc32c);
  }

  /**
   * All entries in the order of their keys. A key is only valid until the next entry is asked for; a value is a view
   * that stays.
   *
   * @throws CorruptDataError at the first block that is damaged, or whose keys do not lie between their neighbours'
   * @throws UnsupportedDataError if a key has more than 16,000 bytes, or all together more than 256 MiB
   */
  *entries(): Generator<BlockEntry, void, undefined> {
    let separator: Uint8Array | undefined;
    let keysBytes = 0;
    for (const block of this.blocks) {
      const where = `${this.source.name}, block at byte ${block.handle.offset}`;
      const cursor = new VarintCursor(block.separator, 'sstable', where);
      for (const entry of blockEntries(readBlock(this.source, block.handle, this.crc32c), where)) {
        if (separator !== undefined && compareBytes(entry.key, separator) <= 0) {
          throw cursor.corrupt('a key is not behind the block before it: keys out of order');
        }
        if (compareBytes(entry.key, block.separator) > 0) {
          throw cursor.corrupt('a key is behind the index key of its block: keys out of order');
        }
        keysBytes = addKey(keysBytes, entry.key, where);
        yield entry;
      }
      separator = block.separator;
    }
  }
}

interface IndexEntry {
  /** A key from the block's last one on and before the next block's first. */
  readonly separator: Uint8Array;
  readonly handle: BlockHandle;
}

function decodeIndex(source: ByteSource, handle: BlockHandle, crc32c: Crc32c): readonly IndexEntry[] {
  const where = `${source.name}, index block`;
  const blocks: IndexEntry[] = [];
  let keysBytes = 0;
  for (const { key, value } of blockEntries(readBlock(source, handle, crc32c), where)) {
    const cursor = new VarintCursor(value, 'sstable', where);
    const decoded = decodeBlockHandle(cursor);
    if (cursor.offset !== cursor.end) throw cursor.corrupt('bytes behind a block handle');
    keysBytes = addKey(keysBytes, key, where);
    blocks.push({ separator: key.slice(), handle: decoded });
  }
  return blocks;
}

function addKey(keysBytes: number, key: Uint8Array, where: string): number {
  if (key.length > MAX_KEY_BYTES) {
    throw new UnsupportedDataError('sstable', where, `a key of ${key.length} bytes is over ${MAX_KEY_BYTES}`);
  }
  const sum = keysBytes + key.length;
  if (sum <= MAX_KEYS_BYTES) return sum;
  throw new UnsupportedDataError('sstable', where, `keys of more than ${MAX_KEYS_BYTES} bytes together`);
}
