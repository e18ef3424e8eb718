import { checkObject } from '../../error/check-object.js';
import type { FileSystem } from '../../store/file-system.js';
import { Disk, type DiskOperation, emptyImage, type MemoryImage, ROOT } from './memory-image.js';

export interface MemoryFileSystem extends FileSystem {
  /** Everything that changed the disk or made a change durable, in order. */
  readonly log: readonly DiskOperation[];
  /** What the disk held at the start. */
  readonly base: MemoryImage;
  /** Writes into the log what the program has reached. */
  note(note: unknown): void;
  /** What a failed sync does: the bytes of the file that were not yet durable can no longer be made so. */
  lose(file: number): void;
  /** What a program sees now, on a machine that has not crashed. */
  image(): MemoryImage;
  /** The files that are open now: 0 if nothing leaks. */
  openCount(): number;
}

interface OpenFile {
  readonly file: number;
  readonly isWritable: boolean;
  size: number;
}

/**
 * A file system in memory that remembers, like a kernel with a page cache, what was only written and what was made
 * durable: bytes by `sync` of the file, names by `syncDir` of the folder, as POSIX has it and no more.
 *
 * @param base what the disk holds at the start, all of it durable
 * @see crashStates for what may be left of it after a crash
 */
export function memoryFileSystem(base: MemoryImage = emptyImage): MemoryFileSystem {
  checkObject('memoryFileSystem(base)', 'an image of a disk', base);
  const disk = new Disk(base);
  const log: DiskOperation[] = [];
  const open = new Map<number, OpenFile>();
  const held = new Set<number>();
  let numbers = Math.max(ROOT, ...disk.folders.keys(), ...disk.files.keys());
  let descriptors = 2;

  const act = (operation: DiskOperation): void => {
    disk.apply(operation);
    log.push(operation);
  };
  const opened = (descriptor: number): OpenFile => open.get(descriptor) ?? fail('EBADF', String(descriptor));
  const openAs = (file: number, isWritable: boolean): number => {
    descriptors++;
    open.set(descriptors, { file, isWritable, size: disk.files.get(file)?.length ?? 0 });
    return descriptors;
  };
  const numberAt = (path: string): number | undefined => {
    let number: number | undefined = ROOT;
    for (const name of path.split('/').filter((part) => part !== '')) {
      number = number === undefined ? undefined : disk.folders.get(number)?.get(name);
    }
    return number;
  };
  const folderAt = (path: string): number => {
    const number = numberAt(path) ?? fail('ENOENT', path);
    return disk.folders.has(number) ? number : fail('ENOTDIR', path);
  };
  const split = (path: string): [folder: number, name: string] => {
    const end = path.lastIndexOf('/');
    return [folderAt(path.slice(0, end)), path.slice(end + 1)];
  };
  const fileAt = (path: string): number => {
    const [folder, name] = split(path);
    return disk.folders.get(folder)?.get(name) ?? fail('ENOENT', path);
  };

  return {
    log,
    base,
    note: (note) => act({ type: 'note', note }),
    lose: (descriptor) => act({ type: 'lose', file: opened(descriptor).file }),
    image: () => new Disk(disk),
    openCount: () => open.size,

    openNew(path) {
      const [folder, name] = split(path);
      if (disk.folders.get(folder)?.has(name)) fail('EEXIST', path);
      numbers++;
      act({ type: 'create', folder, name, file: numbers });
      return openAs(numbers, true);
    },
    openRead: (path) => openAs(fileAt(path), false),
    write(descriptor, bytes) {
      const entry = opened(descriptor);
      if (!entry.isWritable) fail('EBADF', String(descriptor));
      act({ type: 'write', file: entry.file, offset: entry.size, bytes: bytes.slice() });
      entry.size += bytes.length;
      return bytes.length;
    },
    read(descriptor, target, offset) {
      const bytes = disk.files.get(opened(descriptor).file) ?? fail('EISDIR', String(descriptor));
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return part.length;
    },
    sizeOf: (descriptor) => disk.files.get(opened(descriptor).file)?.length,
    sync: (descriptor) => act({ type: 'sync', file: opened(descriptor).file }),
    close(descriptor) {
      opened(descriptor);
      open.delete(descriptor);
    },
    rename(from, to) {
      const [folder, name] = split(from);
      const [toFolder, toName] = split(to);
      if (folder !== toFolder) fail('EXDEV', to);
      act({ type: 'rename', folder, from: name, to: toName, file: fileAt(from) });
    },
    unlink(path) {
      if (disk.folders.has(fileAt(path))) fail('EISDIR', path);
      const [folder, name] = split(path);
      act({ type: 'unlink', folder, name });
    },
    mkdir(path) {
      const [folder, name] = split(path);
      if (disk.folders.get(folder)?.has(name)) fail('EEXIST', path);
      numbers++;
      act({ type: 'mkdir', folder, name, made: numbers });
    },
    readdir: (path) => [...(disk.folders.get(folderAt(path))?.keys() ?? [])],
    stat(path) {
      const number = numberAt(path);
      if (number === undefined) return undefined;
      return disk.folders.has(number) ? 'folder' : 'file';
    },
    identityOf: (path) => numberAt(path)?.toString(),
    syncDir: (path) => act({ type: 'syncDir', folder: folderAt(path) }),
    resolve: (path) => (path.startsWith('/') ? path : `/${path}`),
    space: () => ({ freeBytes: 1e9, freeFiles: 1e6 }),
    hold(path) {
      const folder = folderAt(path);
      if (held.has(folder)) return 'held';
      held.add(folder);
      return { release: () => void held.delete(folder) };
    },
    pause() {},
  };
}

function fail(errno: string, path: string): never {
  throw Object.assign(new Error(`${errno}: ${path}`), { code: errno });
}
