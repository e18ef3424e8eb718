import type { StoreHolder } from '../../error/store-in-use-error.js';
import type { Writer } from './process-table.js';

/** What the lock file says, for people and for the next who asks. */
export interface LockRecord extends Writer, StoreHolder {}

export function encodeLockRecord(writer: Writer, since: string, token: string): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ ...writer, since, token }, undefined, 2)}\n`);
}

/** `undefined` if the bytes are not a lock file, or half of one. */
export function decodeLockRecord(bytes: Uint8Array): LockRecord | undefined {
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
