import { StorageError } from '../../error/storage-error.js';
import type { StoreHolder } from '../../error/store-in-use-error.js';
import { readFully } from '../file/read-fully.js';
import type { FileSystem } from '../file-system.js';
import type { Writer } from './process-table.js';

const RECORD_BYTES = 64 * 1024;

/** What the lock file says, for people and for the next who asks. */
export interface LockRecord extends Writer, StoreHolder {}

export function encodeLockRecord(writer: Writer, since: string, token: string): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ ...writer, since, token }, undefined, 2)}\n`);
}

/** What the lock file at `path` says; `undefined` if there is none. */
export function readLockRecord(fs: FileSystem, path: string): LockRecord | 'unreadable' | undefined {
  if (fs.stat(path) === undefined) return undefined;
  let file: number | undefined;
  try {
    file = fs.openRead(path);
    const sizeBytes = fs.sizeOf(file) ?? Number.POSITIVE_INFINITY;
    if (sizeBytes > RECORD_BYTES) return 'unreadable';
    return decodeLockRecord(readFully(fs, file, 'the lock file', 0, sizeBytes)) ?? 'unreadable';
  } catch (error) {
    return error instanceof StorageError && error.errno === 'ENOENT' ? undefined : 'unreadable';
  } finally {
    if (file !== undefined) fs.close(file);
  }
}

/** `undefined` if the bytes are not a lock file, or half of one. */
function decodeLockRecord(bytes: Uint8Array): LockRecord | undefined {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isLockRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isLockRecord(record: unknown): record is LockRecord {
  if (typeof record !== 'object' || record === null) return false;
  const { pid, ...texts } = record as Record<string, unknown>;
  const names = ['start', 'host', 'boot', 'pidSpace', 'command', 'token', 'since'];
  return Number.isSafeInteger(pid) && names.every((name) => typeof texts[name] === 'string');
}
