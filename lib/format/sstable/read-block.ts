import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { ByteSource } from '../byte-source.js';
import { type Crc32c, maskCrc } from '../crc32c.js';
import type { BlockHandle } from './block-handle.js';
import { FOOTER_BYTES } from './footer.js';
import { uncompressSnappy } from './uncompress-snappy.js';

/** The type byte and the checksum behind every block. */
const TRAILER_BYTES = 5;
const UNCOMPRESSED = 0;
const SNAPPY = 1;

/**
 * The contents of the block at `handle`, decompressed: a view of what `source` read, or fresh memory.
 *
 * @throws CorruptDataError if it lies outside of the file, its checksum is wrong, or it cannot be decompressed
 */
export function readBlock(source: ByteSource, { offset, sizeBytes }: BlockHandle, crc32c: Crc32c): Uint8Array {
  const where = `${source.name}, block at byte ${offset}`;
  const end = source.sizeBytes - FOOTER_BYTES - TRAILER_BYTES;
  if (offset > end || sizeBytes > end - offset) {
    throw new CorruptDataError('sstable', where, `block handle of ${sizeBytes} bytes points past the end of the file`);
  }

  const block = source.read(offset, sizeBytes + TRAILER_BYTES);
  const stored = new DataView(block.buffer, block.byteOffset).getUint32(sizeBytes + 1, true);
  if (stored !== maskCrc(crc32c(block.subarray(0, sizeBytes + 1)))) {
    throw new CorruptDataError('sstable', where, 'block checksum mismatch');
  }

  const contents = block.subarray(0, sizeBytes);
  const type = block[sizeBytes];
  if (type === UNCOMPRESSED) return contents;
  if (type === SNAPPY) return uncompressSnappy(contents, 'sstable', where);
  throw new UnsupportedDataError('sstable', where, `block type ${type}`);
}
