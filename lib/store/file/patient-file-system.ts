import { errnoOf, type FileSystem } from '../file-system.js';
import { storageFault } from './storage-fault.js';

const WAITS_MS = [10, 30, 90];
const NO_DESCRIPTOR = ['EMFILE', 'ENFILE'];
const PASSING = [...NO_DESCRIPTOR, 'EINTR', 'EAGAIN'];
const NEVER: readonly string[] = [];

/**
 * The same file system, which tries again what may pass in a moment (no descriptor left, interrupted) and fails with a
 * {@link StorageError} that says what to do. `sync` and `close` are never tried again: their failure is final.
 *
 * @param folder the store's folder, whose absence explains a missing file
 */
export function patientFileSystem(fs: FileSystem, folder: string): FileSystem {
  const attempt = <T>(path: string, operation: () => T, passing: readonly string[] = PASSING): T => {
    for (let turn = 0; ; turn++) {
      try {
        return operation();
      } catch (error) {
        const wait = passing.includes(errnoOf(error) ?? '') ? WAITS_MS[turn] : undefined;
        if (wait === undefined) throw storageFault(error, path, fs, folder);
        fs.pause(wait);
      }
    }
  };

  return {
    ...fs,
    openNew: (path) => attempt(path, () => fs.openNew(path)),
    openRead: (path) => attempt(path, () => fs.openRead(path)),
    write: (file, bytes) => attempt(folder, () => fs.write(file, bytes)),
    read: (file, target, offset) => attempt(folder, () => fs.read(file, target, offset)),
    sizeOf: (file) => attempt(folder, () => fs.sizeOf(file)),
    sync: (file) => attempt(folder, () => fs.sync(file), NEVER),
    close: (file) => attempt(folder, () => fs.close(file), NEVER),
    rename: (from, to) => attempt(to, () => fs.rename(from, to)),
    unlink: (path) => attempt(path, () => fs.unlink(path)),
    mkdir: (path) => attempt(path, () => fs.mkdir(path)),
    readdir: (path) => attempt(path, () => fs.readdir(path)),
    stat: (path) => attempt(path, () => fs.stat(path)),
    // It opens the folder, and only that may be tried again.
    syncDir: (path) => attempt(path, () => fs.syncDir(path), NO_DESCRIPTOR),
    hold: (path) => attempt(path, () => fs.hold(path)),
  };
}
