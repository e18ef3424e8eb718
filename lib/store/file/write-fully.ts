import { StorageError } from '../../error/storage-error.js';
import type { FileSystem } from '../file-system.js';

/** Far below the 2 GiB that one call can take, and small enough to be interrupted. */
const PIECE_BYTES = 1024 * 1024;
const EMPTY_WRITES = 3;

/**
 * Writes all of `bytes`. The one way in which stores write: a full disk makes `write` take fewer bytes *without an
 * error*, so a count that nobody checks is a file that is silently cut.
 */
export function writeFully(fs: FileSystem, file: number, bytes: Uint8Array, path: string): void {
  let emptyWrites = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const piece = bytes.subarray(offset, offset + PIECE_BYTES);
    const count = fs.write(file, piece);
    if (!Number.isSafeInteger(count) || count < 0 || count > piece.length) {
      throw new StorageError('IO', path, undefined, `${path}: ${piece.length} bytes written, ${count} reported`);
    }
    emptyWrites = count === 0 ? emptyWrites + 1 : 0;
    if (emptyWrites === EMPTY_WRITES) {
      throw new StorageError('IO', path, undefined, `${path}: no byte more is taken after ${offset} of these bytes`);
    }
    offset += count;
  }
}
