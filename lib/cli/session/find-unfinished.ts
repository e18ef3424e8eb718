import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../index.js';
import { readRunRecord } from '../../node.js';
import { COMMAND_RECORD_NAME, readCommandRecord } from './command-record.js';

/**
 * The last run below `root` that was started by a command that begins as `begin`, in the same folder, and neither
 * finished nor goes on.
 */
export function findUnfinished(root: string, begin: readonly string[], cwd: string): string | undefined {
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, COMMAND_RECORD_NAME)))
    .map((name) => ({ name, startedAt: statSync(join(root, name, COMMAND_RECORD_NAME)).mtimeMs }))
    .sort((a, b) => b.startedAt - a.startedAt)
    .find(({ name }) => {
      const record = readCommandRecord(join(root, name));
      const isSame = record?.cwd === cwd && begin.every((word, i) => record.args[i] === word);
      return isSame && isUnfinished(join(root, name));
    })?.name;
}

function isUnfinished(folder: string): boolean {
  try {
    const state = readRunRecord(folder)?.state;
    return state === 'stopped' || state === 'crashed' || state === 'failed';
  } catch (error) {
    // A damaged record says nothing; a fresh run is safer than one that goes on somewhere unknown.
    if (error instanceof CodedError) return false;
    throw error;
  }
}
