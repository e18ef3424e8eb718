import type { FileSystem } from '../file-system.js';
import { writeFully } from './write-fully.js';

/** Less is not worth a thread. From here on each hint covers twice as much: a file of any size takes a few. */
const FIRST_WRITE_OUT_BYTES = 16 << 20;

/**
 * Creates a file and makes its bytes, but not yet its name, durable.
 *
 * A failed sync is final: the system may have marked lost bytes as written, so the file is never synced again, and who
 * asked for it throws it away.
 *
 * @returns the bytes written
 */
export function writeNewFile(fs: FileSystem, path: string, chunks: Iterable<Uint8Array>): number {
  const file = fs.openNew(path);
  let bytes = 0;
  let writeOutAt = FIRST_WRITE_OUT_BYTES;
  try {
    for (const chunk of chunks) {
      writeFully(fs, file, chunk, path);
      bytes += chunk.length;
      if (bytes >= writeOutAt) {
        // The disk works on what is there while the next chunks are checksummed.
        fs.startWriteOut?.(path);
        writeOutAt *= 2;
      }
    }
    fs.sync(file);
  } catch (error) {
    closeQuietly(fs, file);
    throw error;
  }
  // Some file systems report a failed write only here.
  fs.close(file);
  return bytes;
}

function closeQuietly(fs: FileSystem, file: number): void {
  try {
    fs.close(file);
  } catch {
    // The failure that led here is the one to report.
  }
}
