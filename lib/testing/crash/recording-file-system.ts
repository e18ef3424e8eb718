import type { FileSystem } from '../../store/file-system.js';

/** One call: its name, and the paths that it names or, for an open file, the one it was opened under. */
export type FileCall = readonly [operation: keyof FileSystem, ...paths: string[]];

export interface RecordingFileSystem extends FileSystem {
  readonly calls: readonly FileCall[];
}

/** Passes every call on and keeps a list of those that concern files and folders. */
export function recordingFileSystem(fs: FileSystem): RecordingFileSystem {
  const calls: FileCall[] = [];
  const paths = new Map<number, string>();
  const pathOf = (file: number): string => paths.get(file) ?? `#${file}`;
  const record = <T>(result: () => T, ...call: FileCall): T => {
    calls.push(call);
    return result();
  };
  const open = (operation: 'openNew' | 'openRead', path: string): number => {
    const file = record(() => fs[operation](path), operation, path);
    paths.set(file, path);
    return file;
  };

  return {
    ...fs,
    calls,
    openNew: (path) => open('openNew', path),
    openRead: (path) => open('openRead', path),
    write: (file, bytes) => record(() => fs.write(file, bytes), 'write', pathOf(file)),
    read: (file, target, offset) => record(() => fs.read(file, target, offset), 'read', pathOf(file)),
    sync: (file) => record(() => fs.sync(file), 'sync', pathOf(file)),
    close: (file) => record(() => fs.close(file), 'close', pathOf(file)),
    rename: (from, to) => record(() => fs.rename(from, to), 'rename', from, to),
    unlink: (path) => record(() => fs.unlink(path), 'unlink', path),
    mkdir: (path) => record(() => fs.mkdir(path), 'mkdir', path),
    readdir: (path) => record(() => fs.readdir(path), 'readdir', path),
    stat: (path) => record(() => fs.stat(path), 'stat', path),
    syncDir: (path) => record(() => fs.syncDir(path), 'syncDir', path),
  };
}
