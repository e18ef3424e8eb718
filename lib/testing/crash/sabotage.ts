import type { FileSystem } from '../../store/file-system.js';

/** The operations whose absence or whose order a commit protocol cannot do without. */
export type Sabotaged = 'sync' | 'syncDir' | 'rename' | 'unlink';

/**
 * Breaks the `nth` call of an operation, counted from 1: a `sync` or `syncDir` is not done at all; a `rename` or
 * `unlink` is put off until the next one was done, so that two change places. A law that does not notice tests nothing.
 */
export function sabotage(fs: FileSystem, operation: Sabotaged, nth: number): FileSystem {
  let count = 0;
  let late: (() => void) | undefined;
  const isHit = (name: Sabotaged): boolean => name === operation && ++count === nth;
  const swap = (name: Sabotaged, act: () => void): void => {
    if (isHit(name)) {
      late = act;
      return;
    }
    act();
    if (name === operation) {
      late?.();
      late = undefined;
    }
  };

  return {
    ...fs,
    sync: (file) => (isHit('sync') ? undefined : fs.sync(file)),
    syncDir: (path) => (isHit('syncDir') ? undefined : fs.syncDir(path)),
    rename: (from, to) => swap('rename', () => fs.rename(from, to)),
    unlink: (path) => swap('unlink', () => fs.unlink(path)),
  };
}
