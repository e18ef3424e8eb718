import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { startWriteOut } from './file/start-write-out.js';
import { errnoOf, type FileSystem, type FolderHold } from './file-system.js';

const RENAME_LIMIT_MS = 2000;
const isWindows = process.platform === 'win32';

/** The file system of the machine. The only place where the library's stores touch it. */
export const nodeFileSystem: FileSystem = {
  openNew: (path) => fs.openSync(path, 'wx'),
  // Without O_NONBLOCK, opening a planted pipe would wait for ever.
  openRead: (path) => fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)),
  write: (file, bytes) => fs.writeSync(file, bytes, 0, bytes.length, null),
  read: (file, target, offset) => fs.readSync(file, target, 0, target.length, offset),
  sizeOf(file) {
    const stat = fs.fstatSync(file);
    return stat.isFile() ? stat.size : undefined;
  },
  ...(process.platform === 'linux' && { startWriteOut }),
  sync: (file) => fs.fsyncSync(file),
  close: (file) => fs.closeSync(file),
  rename,
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path) => fs.mkdirSync(path),
  readdir: (path) => fs.readdirSync(path),
  stat(path) {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
  },
  identityOf(path) {
    const stat = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
  },
  syncDir,
  resolve: (path) => resolve(path),
  space(path) {
    try {
      const { bavail, bsize, files, ffree } = fs.statfsSync(path);
      // btrfs and others report no files at all, and then none of them is free either.
      return { freeBytes: bavail * bsize, freeFiles: files === 0 ? undefined : ffree };
    } catch {
      // Only asked for to explain a failure; that one matters more.
      return undefined;
    }
  },
  hold,
  pause(milliseconds) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  },
};

/** Windows refuses to rename over a file that a scanner or an indexer has open, for a moment. */
function rename(from: string, to: string): void {
  for (let waited = 0, wait = 5; ; waited += wait, wait *= 2) {
    try {
      fs.renameSync(from, to);
      return;
    } catch (error) {
      const isPassing = isWindows && /^(EPERM|EACCES|EBUSY)$/.test(errnoOf(error) ?? '');
      if (!isPassing || waited + wait > RENAME_LIMIT_MS) throw error;
      nodeFileSystem.pause(wait);
    }
  }
}

/**
 * Windows has no such call, and needs none: its names are journalled. A file system that knows of no such thing, as
 * some network shares do not, says so with one of three errors, and promises nothing about names.
 */
function syncDir(path: string): void {
  if (isWindows) return;
  const folder = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(folder);
  } catch (error) {
    if (!/^(EINVAL|ENOTSUP|ENOSYS)$/.test(errnoOf(error) ?? '')) throw error;
  } finally {
    fs.closeSync(folder);
  }
}

/**
 * Binds an abstract Unix socket (Linux: a name without a file), which the kernel frees with its process. The name is
 * the folder's device and inode, so that no second path to the same folder gets past it.
 */
function hold(path: string): FolderHold | 'held' | 'unsupported' {
  if (process.platform !== 'linux') return 'unsupported';
  const server = bind(`tidemark:${nodeFileSystem.identityOf(path)}`);
  if (server !== undefined) return { release: () => void server.close() };
  // The reason comes too late to be waited for, so ask with a name that nobody can have.
  const probe = bind(`tidemark:probe:${process.pid}:${crypto.randomUUID()}`);
  probe?.close();
  return probe === undefined ? 'unsupported' : 'held';
}

function bind(name: string): Server | undefined {
  const server = createServer((socket) => socket.destroy());
  // The same failure that `listening` tells at once.
  server.on('error', () => {});
  server.listen({ path: `\0${name}`, exclusive: true });
  if (!server.listening) return undefined;
  server.unref();
  return server;
}
