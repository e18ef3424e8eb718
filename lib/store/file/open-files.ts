import { CheckpointNotFoundError } from '../../error/checkpoint-not-found-error.js';
import { StorageError } from '../../error/storage-error.js';
import { checkRange } from '../check-range.js';
import { suffixesOf } from '../checkpoint-name.js';
import type { OpenedCheckpoint, StoredBytes } from '../checkpoint-store.js';
import type { FileSystem } from '../file-system.js';
import { readFully, readFullyInto } from './read-fully.js';

/** How often the folder is read again when files vanish between the look at it and the opening. */
const LOOKS = 3;

/** Opens every file of a checkpoint before any is read: an open file can be removed, but not taken away. */
export function openFiles(fs: FileSystem, folder: string, prefix: string): OpenedCheckpoint {
  for (let look = 1; ; look++) {
    const opened: number[] = [];
    try {
      const files = new Map<string, StoredBytes>();
      for (const suffix of suffixesOf(fs.readdir(folder), prefix)) {
        const path = `${folder}/${prefix}${suffix}`;
        const file = fs.openRead(path);
        opened.push(file);
        const sizeBytes = fs.sizeOf(file);
        if (sizeBytes === undefined) throw new StorageError('IO', path, undefined, `${path}: is not a file`);
        files.set(suffix, storedBytes(fs, file, `${prefix}${suffix}`, sizeBytes));
      }
      if (files.size === 0) throw new CheckpointNotFoundError(prefix, folder);
      return { prefix, files, close: () => closeAll(fs, opened) };
    } catch (error) {
      closeAll(fs, opened);
      const hasVanished = error instanceof StorageError && error.errno === 'ENOENT' && error.fault !== 'FOLDER_GONE';
      if (!hasVanished || look === LOOKS) throw error;
    }
  }
}

function storedBytes(fs: FileSystem, file: number, name: string, sizeBytes: number): StoredBytes {
  return {
    name,
    sizeBytes,
    read(offset, length) {
      checkRange(offset, length, sizeBytes);
      return readFully(fs, file, name, offset, length);
    },
    readInto(offset, into) {
      checkRange(offset, into.length, sizeBytes);
      readFullyInto(fs, file, name, offset, into);
    },
  };
}

function closeAll(fs: FileSystem, files: number[]): void {
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    try {
      fs.close(file);
    } catch {
      // Nothing was written, so nothing can be lost.
    }
  }
}
