import { StorageError } from '../../error/storage-error.js';
import { StoreInUseError } from '../../error/store-in-use-error.js';
import { attemptName } from '../file/attempt-name.js';
import { replaceFile } from '../file/replace-file.js';
import { writeNewFile } from '../file/write-new-file.js';
import type { FileSystem } from '../file-system.js';
import { encodeLockRecord, type LockRecord, readLockRecord } from './lock-record.js';
import type { ProcessTable } from './process-table.js';
import { judge, markOf } from './writer-mark.js';

/** The lock file's name in the folder. */
export const LOCK_NAME = 'tidemark.lock';
// Two seconds: a busy disk may take as long to sync the few bytes.
const LOOKS = 100;
const LOOK_MS = 20;

export interface FolderLock {
  readonly takenOverFrom: LockRecord | undefined;
  release(): void;
}

/**
 * Takes a folder for one writer. Where the kernel holds a name for a process, that name decides between processes of
 * this machine and dies with its holder; the lock file tells people and other machines who it is. Elsewhere the file
 * alone decides.
 *
 * @param isForced take it over from a writer of another machine, which cannot be asked whether it lives
 * @throws StoreInUseError
 */
export function lockFolder(fs: FileSystem, processes: ProcessTable, folder: string, isForced: boolean): FolderLock {
  const path = `${folder}/${LOCK_NAME}`;
  const token = attemptName(processes.self());
  const hold = fs.hold(folder);
  if (hold === 'held') throw inUse(folder, liveHolder(fs, processes, path), processes);
  const hasHold = hold !== 'unsupported';

  try {
    const takenOverFrom = clear(fs, processes, folder, { hasHold, isForced });
    const record = encodeLockRecord(processes.self(), processes.now(), token);
    if (hasHold) replaceFile(fs, folder, LOCK_NAME, `${folder}/${token}`, record);
    else createFile(fs, path, record);
    const release = once(() => {
      unlinkOwn(fs, path, token);
      if (hasHold) hold.release();
    });
    return { takenOverFrom, release };
  } catch (error) {
    unlinkOwn(fs, path, token);
    if (hasHold) hold.release();
    // Without a kernel's name, creating the file is what decides, and another was faster.
    if (errnoOf(error) === 'EEXIST') throw inUse(folder, liveHolder(fs, processes, path), processes);
    throw error;
  }
}

function inUse(folder: string, holder: LockRecord | undefined, processes: ProcessTable): StoreInUseError {
  const { pid, start } = processes.self();
  const isOwn = holder?.pid === pid && holder.start === start;
  return new StoreInUseError(folder, holder, {
    hint: isOwn
      ? 'two runs or two savers of this process save there: give each a folder of its own'
      : 'let that process end, or use another folder',
  });
}

function createFile(fs: FileSystem, path: string, bytes: Uint8Array): void {
  let isOurs = false;
  const openNew = (name: string): number => {
    const file = fs.openNew(name);
    isOurs = true;
    return file;
  };
  try {
    writeNewFile({ ...fs, openNew }, path, [bytes]);
  } catch (error) {
    // A half-written lock file of ours would lock everybody out, us too.
    if (isOurs) unlinkQuietly(fs, path);
    throw error;
  }
}

/** Sees to it that no live writer's lock file stands in the way; returns the dead one's. */
function clear(
  fs: FileSystem,
  processes: ProcessTable,
  folder: string,
  { hasHold, isForced }: { hasHold: boolean; isForced: boolean },
): LockRecord | undefined {
  const path = `${folder}/${LOCK_NAME}`;
  const record = readLockRecord(fs, path);
  if (record === undefined) return undefined;
  const verdict = verdictOn(record, processes, hasHold);
  const holder = record === 'unreadable' ? undefined : record;
  if (verdict === 'alive') throw inUse(folder, holder, processes);
  if (verdict === 'unknown' && !isForced) {
    throw new StoreInUseError(folder, holder, {
      hint: 'its writer cannot be asked whether it lives; if it surely does not, use --force (option `isForced`)',
    });
  }
  if (!hasHold) setAside(fs, processes, folder, holder?.token);
  return holder;
}

function verdictOn(
  record: LockRecord | 'unreadable',
  processes: ProcessTable,
  hasHold: boolean,
): ReturnType<typeof judge> {
  if (record === 'unreadable') return hasHold ? 'dead' : 'unknown';
  // This very process had the folder and let go, but could not unlink the file: the kernel gave it the name again.
  const { pid, start, boot, pidSpace } = processes.self();
  const isOwn = record.pid === pid && record.start === start && record.boot === boot && record.pidSpace === pidSpace;
  return hasHold && isOwn ? 'dead' : judge(markOf(record), processes);
}

/**
 * Removes a dead writer's lock file where files alone decide. Renamed first and looked at again, so that a file that
 * another has just created in its place is noticed and put back.
 */
function setAside(fs: FileSystem, processes: ProcessTable, folder: string, token: string | undefined): void {
  const path = `${folder}/${LOCK_NAME}`;
  const aside = `${folder}/${attemptName(processes.self())}`;
  fs.rename(path, aside);
  const record = readLockRecord(fs, aside);
  if (typeof record === 'object' && record.token !== token) {
    fs.rename(aside, path);
    throw inUse(folder, record, processes);
  }
  fs.unlink(aside);
}

/** The holder's own words, which it writes a moment after it took the folder. */
function liveHolder(fs: FileSystem, processes: ProcessTable, path: string): LockRecord | undefined {
  for (let look = 0; look < LOOKS; look++) {
    const record = readLockRecord(fs, path);
    if (typeof record === 'object' && judge(markOf(record), processes) !== 'dead') return record;
    fs.pause(LOOK_MS);
  }
  return undefined;
}

function unlinkOwn(fs: FileSystem, path: string, token: string): void {
  try {
    const record = readLockRecord(fs, path);
    if (typeof record === 'object' && record.token === token) fs.unlink(path);
  } catch {
    // The folder may be gone; a file that stays is seen to be a dead writer's.
  }
}

function unlinkQuietly(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch {
    // The failure that led here is the one to report.
  }
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof StorageError ? error.errno : undefined;
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
