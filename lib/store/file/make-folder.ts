import { StorageError } from '../../error/storage-error.js';
import type { FileSystem } from '../file-system.js';

/** Makes a folder and those above it, each one's name durable in the one above, if it is not there. */
export function makeFolder(fs: FileSystem, path: string): void {
  const kind = fs.stat(path);
  if (kind === 'folder') return;
  if (kind !== undefined) throw notAFolder(path, 'is not a folder');

  const parent = parentOf(path);
  if (parent !== undefined) makeFolder(fs, parent);
  try {
    fs.mkdir(path);
  } catch (error) {
    if (!(error instanceof StorageError) || error.errno !== 'EEXIST') throw error;
    // Another process may have made it in between.
    if (fs.stat(path) !== 'folder') throw notAFolder(path, 'is a link that leads nowhere (ENOENT)');
  }
  if (parent !== undefined) fs.syncDir(parent);
}

function notAFolder(path: string, fault: string): StorageError {
  return new StorageError('NOT_A_FOLDER', path, 'ENOTDIR', `${path}: ${fault}`);
}

/** REQUIRES: an absolute path, with either separator. */
function parentOf(path: string): string | undefined {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const parent = path.slice(0, end === 0 ? 1 : end);
  return end < 0 || parent === path || /^[A-Za-z]:$/.test(parent) ? undefined : parent;
}
