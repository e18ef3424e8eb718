import { TruncatedDataError } from '../../error/truncated-data-error.js';
import type { FileSystem } from '../file-system.js';

/** Below the 2 GiB that one call can give. */
const PIECE_BYTES = 64 * 1024 * 1024;

/** Exactly `length` bytes from `offset`, as a new array. REQUIRES: the range lies within the file as it was opened. */
export function readFully(fs: FileSystem, file: number, name: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readFullyInto(fs, file, name, offset, bytes);
  return bytes;
}

/** As {@link readFully}, but into memory that is there already: `bytes.length` bytes. */
export function readFullyInto(fs: FileSystem, file: number, name: string, offset: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = fs.read(file, bytes.subarray(done, done + PIECE_BYTES), offset + done);
    if (count === 0) {
      throw new TruncatedDataError('file', `${name}, byte ${offset + done}`, 'it became shorter while it was read');
    }
    done += count;
  }
}
