import { StorageError, type StorageFault } from '../../error/storage-error.js';
import { errnoOf, type FileSystem } from '../file-system.js';

const FAULTS: Readonly<Record<string, readonly [fault: StorageFault, text: string, hint?: string]>> = {
  EDQUOT: ['NO_SPACE', 'the disk quota is used up', 'free space or raise the quota'],
  EROFS: ['READ_ONLY', 'the file system is read-only', 'a disk that failed is often remounted read-only: see dmesg'],
  EACCES: ['PERMISSION', 'permission denied', 'the user who runs this needs to read and write the folder'],
  EPERM: ['PERMISSION', 'operation not permitted', 'the user who runs this needs to read and write the folder'],
  EMFILE: ['TOO_MANY_OPEN_FILES', 'too many open files in this process', 'raise the limit: ulimit -n 65536'],
  ENFILE: ['TOO_MANY_OPEN_FILES', 'too many open files on this machine', 'raise the limit: ulimit -n and fs.file-max'],
  ENOTDIR: ['NOT_A_FOLDER', 'is not a folder, or lies under a file'],
  EFBIG: ['TOO_LARGE', 'the file is larger than allowed', 'raise the limit: ulimit -f unlimited'],
};

/** Says in words what the system's `error` at `path` means for the store in `folder`. */
export function storageFault(error: unknown, path: string, fs: FileSystem, folder: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  if (errno === 'ENOSPC') return noSpace(error, path, fs, folder);
  if (errno === 'ENOENT' && isGone(fs, folder)) {
    const hint = 'it was removed or renamed; no new one is made in its place';
    return new StorageError('FOLDER_GONE', folder, errno, `run folder ${folder} is gone`, { cause: error, hint });
  }
  const [fault, text, hint] = FAULTS[errno] ?? ['IO', error instanceof Error ? error.message : errno];
  return new StorageError(fault, path, errno, `${path}: ${text} (${errno})`, { cause: error, hint });
}

/**
 * The error of a disk that is full.
 *
 * @param neededBytes about how much the whole save takes, if that is known
 */
export function noSpace(
  cause: unknown,
  path: string,
  fs: FileSystem,
  folder: string,
  neededBytes?: number,
): StorageError {
  const space = fs.space(folder);
  const needs = neededBytes === undefined ? [] : [`needs about ${megabytes(neededBytes)}`];
  const free = space === undefined ? [] : [`${megabytes(space.freeBytes)} free`];
  const files = space?.freeFiles === 0 ? ['no inodes left'] : [];
  const detail = [...needs, ...free, ...files].join(', ');
  const message = `no space left in ${folder}${detail === '' ? '' : `: ${detail}`}`;
  return new StorageError('NO_SPACE', path, errnoOf(cause) ?? 'ENOSPC', message, {
    cause,
    hint: 'free some space, keep fewer checkpoints or use another disk; the older checkpoints are intact',
  });
}

function isGone(fs: FileSystem, folder: string): boolean {
  try {
    return fs.stat(folder) === undefined;
  } catch {
    // Whatever is wrong with the folder, it is not known to be gone.
    return false;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e5 ? 3 : 1)} MB`;
}
