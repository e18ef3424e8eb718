import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { CodedError, findCheckpoints, safetensors, tensorBundle } from '../../index.js';
import { eventFilesAmong, fileStore, readRunRecord } from '../../node.js';
import { isFolder } from '../is-folder.js';
import { printable } from '../printable.js';
import { UsageError } from '../usage-error.js';
import { COMMAND_RECORD_NAME } from './command-record.js';

const STATE_FILE = 'checkpoint';

/**
 * Deletes the run in a folder: its checkpoints, its record and its log. What another program wrote stays, and so do
 * files of the session's own.
 *
 * @returns how many checkpoints there were
 * @throws UsageError if the run is at work; StoreInUseError if somebody else is
 */
export async function clearRunFolder(dir: string): Promise<number> {
  if (!isFolder(dir)) return 0;
  if (isAtWork(dir)) {
    throw new UsageError(`--overwrite: the run in ${printable(dir)} is at work`, 'stop it, or take another --dir');
  }
  const formats = [tensorBundle(), safetensors()];
  const store = fileStore(dir, { isFolderRequired: true });
  const lock = await lastValueFrom(store.lock());
  try {
    const found = await lastValueFrom(findCheckpoints(store, formats));
    const prefixes = found.filter(({ isOurs }) => isOurs).map(({ prefix }) => prefix);
    // First what names them: if this ends half-way, what is left is found by itself.
    if (prefixes.length > 0) rmSync(join(dir, STATE_FILE), { force: true });
    await lastValueFrom(
      store.remove(
        prefixes,
        formats.map(({ marker }) => marker),
      ),
      { defaultValue: undefined },
    );
    const names = ['run.json', 'log.jsonl', COMMAND_RECORD_NAME, ...eventFilesAmong(readdirSync(dir))];
    for (const name of names) rmSync(join(dir, name), { force: true });
    return prefixes.length;
  } finally {
    lock.release();
  }
}

function isAtWork(dir: string): boolean {
  try {
    return readRunRecord(dir)?.state === 'running';
  } catch (error) {
    // Damaged: the lock still tells whether somebody writes.
    if (error instanceof CodedError) return false;
    throw error;
  }
}
