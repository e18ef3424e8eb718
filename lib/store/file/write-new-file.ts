import type { FileSystem } from '../file-system.js';
import { writeFully } from './write-fully.js';

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
  try {
    for (const chunk of chunks) {
      writeFully(fs, file, chunk, path);
      bytes += chunk.length;
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
