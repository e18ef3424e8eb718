import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { type CheckpointStore, CodedError, findCheckpoints, safetensors, tensorBundle } from '../../index.js';
import { eventFilesAmong, fileStore, readRunRecord } from '../../node.js';
import { isFolder } from '../is-folder.js';
import { printable } from '../printable.js';
import { UsageError } from '../usage-error.js';
import { COMMAND_RECORD_NAME } from './command-record.js';

const STATE_FILE = 'checkpoint';
const FORMATS = [tensorBundle(), safetensors()];

/** What in a folder belongs to its run. */
export interface RunContents {
  /** Its checkpoints, by prefix. */
  readonly prefixes: readonly string[];
  /** Its record, its events and its log. */
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

/**
 * Finds what belongs to the run in a folder. What another program wrote does not, nor do files of the session's own.
 *
 * @param what is to be done, for the message, e.g. `--overwrite`
 * @throws UsageError if the run is at work
 */
export async function findRunContents(dir: string, what: string): Promise<RunContents> {
  if (isAtWork(dir)) {
    throw new UsageError(`${what}: the run in ${printable(dir)} is at work`, 'stop it, or take another folder');
  }
  return contentsOf(dir, fileStore(dir, { isFolderRequired: true }));
}

/**
 * Deletes the run in a folder: its checkpoints, its record and its log.
 *
 * @param what as above
 * @returns what there was
 * @throws UsageError if the run is at work; StoreInUseError if somebody else is
 */
export async function clearRunFolder(dir: string, what: string): Promise<RunContents> {
  if (!isFolder(dir)) return { prefixes: [], files: [], sizeBytes: 0 };
  await findRunContents(dir, what);
  const store = fileStore(dir, { isFolderRequired: true });
  const lock = await lastValueFrom(store.lock());
  try {
    const contents = await contentsOf(dir, store);
    const { prefixes, files } = contents;
    // First what names them: if this ends half-way, what is left is found by itself.
    if (prefixes.length > 0) rmSync(join(dir, STATE_FILE), { force: true });
    const markers = FORMATS.map(({ marker }) => marker);
    await lastValueFrom(store.remove(prefixes, markers), { defaultValue: undefined });
    for (const name of files) rmSync(join(dir, name), { force: true });
    return contents;
  } finally {
    lock.release();
  }
}

async function contentsOf(dir: string, store: CheckpointStore): Promise<RunContents> {
  const found = (await lastValueFrom(findCheckpoints(store, FORMATS))).filter(({ isOurs }) => isOurs);
  const files = ['run.json', 'log.jsonl', COMMAND_RECORD_NAME, ...eventFilesAmong(readdirSync(dir))].filter((name) =>
    existsSync(join(dir, name)),
  );
  const sizes = [...found.map(({ sizeBytes }) => sizeBytes), ...files.map((name) => statSync(join(dir, name)).size)];
  return {
    prefixes: found.map(({ prefix }) => prefix),
    files,
    sizeBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
  };
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
