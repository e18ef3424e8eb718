import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { FileSystem } from '../../store/file-system.js';

/**
 * What fails: an error of the system, or a write that takes half of its bytes without one. `EMFILE` befalls only the
 * calls that open something, `SHORT` only writes; other calls go through, though they count.
 */
export type FileFault = 'EIO' | 'ENOSPC' | 'EROFS' | 'EMFILE' | 'SHORT';

export interface FaultPlan {
  /** Which operation fails first, counted from 1. */
  readonly at: number;
  readonly fault: FileFault;
  /** Whether all operations fail from then on; default false: only that one. */
  readonly isLasting?: boolean | undefined;
  /** Whether the operation takes effect all the same, as a lost reply has it; default false. No file stays open. */
  readonly isDone?: boolean | undefined;
}

const PLAN: OptionNames<FaultPlan> = { at: true, fault: true, isLasting: true, isDone: true };

export interface FaultyFileSystem extends FileSystem {
  /** How many operations were asked for: a plan beyond that does nothing. */
  count(): number;
}

/**
 * A file system of which the k-th operation fails. As in a kernel, a close that fails closes, and a sync that fails may
 * lose for good what was not yet durable (see `lose` of the memory file system).
 */
export function faultyFileSystem(fs: FileSystem & { lose?(file: number): void }, plan: FaultPlan): FaultyFileSystem {
  checkOptions('faultyFileSystem(plan)', plan, PLAN);
  const { at, fault, isLasting = false, isDone = false } = plan;
  let count = 0;
  const isDue = (): boolean => (isLasting ? count >= at : count === at);
  const run = <T>(operation: () => T, onFault?: () => void): T => {
    count++;
    if (fault === 'SHORT' || fault === 'EMFILE' || !isDue()) return operation();
    return failing(operation, onFault);
  };
  const opening = <T>(operation: () => T, onLost?: (result: T) => void): T => {
    count++;
    return fault === 'SHORT' || !isDue() ? operation() : failing(operation, undefined, onLost);
  };
  const failing = <T>(operation: () => T, onFault?: () => void, onLost?: (result: T) => void): never => {
    if (isDone) {
      const result = operation();
      onLost?.(result);
    } else onFault?.();
    throw Object.assign(new Error(`${fault}: injected at operation ${count}`), { code: fault });
  };

  return {
    ...fs,
    count: () => count,
    openNew: (path) => opening(() => fs.openNew(path), fs.close),
    openRead: (path) => opening(() => fs.openRead(path), fs.close),
    write: (file, bytes) =>
      run(() => fs.write(file, fault === 'SHORT' && isDue() ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes)),
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
    readdir: (path) => opening(() => fs.readdir(path)),
    stat: (path) => run(() => fs.stat(path)),
    syncDir: (path) => opening(() => fs.syncDir(path)),
  };
}
