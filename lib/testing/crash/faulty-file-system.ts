import type { FileSystem } from '../../store/file-system.js';

/** What fails: an error of the system, or a write that takes half of its bytes without one. */
export type FileFault = 'EIO' | 'ENOSPC' | 'EROFS' | 'EMFILE' | 'SHORT';

export interface FaultPlan {
  /** Which operation fails first, counted from 1. */
  readonly at: number;
  readonly fault: FileFault;
  /** Whether all operations fail from then on; default false: only that one. */
  readonly isLasting?: boolean | undefined;
  /** Whether the operation takes effect all the same, as a lost reply would have it; default false. */
  readonly isDone?: boolean | undefined;
}

export interface FaultyFileSystem extends FileSystem {
  /** How many operations were asked for: a plan beyond that does nothing. */
  count(): number;
}

/**
 * A file system of which the k-th operation fails. As in a kernel, a close that fails closes, and a sync that fails may
 * lose for good what was not yet durable (see `lose` of the memory file system).
 */
export function faultyFileSystem(
  fs: FileSystem & { lose?(file: number): void },
  { at, fault, isLasting = false, isDone = false }: FaultPlan,
): FaultyFileSystem {
  let count = 0;
  const run = <T>(operation: () => T, onFault?: () => void): T => {
    count++;
    const isHit = fault !== 'SHORT' && (isLasting ? count >= at : count === at);
    if (!isHit) return operation();
    if (isDone) operation();
    else onFault?.();
    throw Object.assign(new Error(`${fault}: injected at operation ${count}`), { code: fault });
  };
  const isShort = (): boolean => fault === 'SHORT' && (isLasting ? count >= at : count === at);

  return {
    ...fs,
    count: () => count,
    openNew: (path) => run(() => fs.openNew(path)),
    openRead: (path) => run(() => fs.openRead(path)),
    write: (file, bytes) =>
      run(() => fs.write(file, isShort() ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes)),
    read: (file, target, offset) => run(() => fs.read(file, target, offset)),
    sizeOf: (file) => run(() => fs.sizeOf(file)),
    sync: (file) =>
      run(
        () => fs.sync(file),
        () => fs.lose?.(file),
      ),
    close: (file) =>
      run(
        () => fs.close(file),
        () => fs.close(file),
      ),
    rename: (from, to) => run(() => fs.rename(from, to)),
    unlink: (path) => run(() => fs.unlink(path)),
    mkdir: (path) => run(() => fs.mkdir(path)),
    readdir: (path) => run(() => fs.readdir(path)),
    stat: (path) => run(() => fs.stat(path)),
    syncDir: (path) => run(() => fs.syncDir(path)),
  };
}
