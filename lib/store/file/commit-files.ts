import { CheckpointExistsError } from '../../error/checkpoint-exists-error.js';
import { StorageError } from '../../error/storage-error.js';
import { checkSuffix } from '../checkpoint-name.js';
import type { StoredFile } from '../checkpoint-store.js';
import type { FileSystem } from '../file-system.js';
import { noSpace } from './storage-fault.js';
import { writeNewFile } from './write-new-file.js';

/** A folder that checkpoints are committed to. */
export interface CommitFolder {
  readonly fs: FileSystem;
  readonly path: string;
  /** A name that no other attempt has. */
  newName(): string;
  /** About how large a checkpoint is, for the message of a full disk. */
  readonly expectedBytes: number;
}

interface Attempt {
  readonly temporary: string;
  readonly final: string;
  /** Whether a rename was tried: one that fails may have happened all the same. */
  mayBeFinal: boolean;
}

/**
 * Writes the files of a checkpoint so that at every instant, whatever the system has brought to the disk by then and in
 * whatever order, it either exists whole or does not exist:
 *
 * 1. each file under a name of this attempt, its bytes synced;
 * 2. all but the last renamed; the folder synced: their names are durable before anything refers to them;
 * 3. the last, the marker, renamed: from here on the checkpoint exists;
 * 4. the folder synced: from here on it survives a power cut.
 *
 * @returns the bytes written
 * @see docs/formats/commit-protocol.md
 */
export function commitFiles(folder: CommitFolder, prefix: string, files: Iterable<StoredFile>): number {
  const { fs, path } = folder;
  const attempts: Attempt[] = [];
  let bytes = 0;
  try {
    for (const { suffix, chunks } of files) {
      checkSuffix(suffix);
      const final = `${path}/${prefix}${suffix}`;
      if (attempts.some((other) => other.final === final)) {
        throw new RangeError(`write(files): expected each suffix once, received ${suffix} twice`);
      }
      const attempt = { temporary: `${path}/${folder.newName()}`, final, mayBeFinal: false };
      attempts.push(attempt);
      bytes += writeNewFile(fs, attempt.temporary, chunks);
    }
    const marker = attempts.at(-1);
    if (marker === undefined) throw new RangeError('write(files): expected at least one file, received none');
    if (fs.stat(marker.final) !== undefined) throw new CheckpointExistsError(prefix, path);

    for (const attempt of attempts.slice(0, -1)) rename(fs, attempt);
    if (attempts.length > 1) fs.syncDir(path);
    rename(fs, marker);
    fs.syncDir(path);
    return bytes;
  } catch (error) {
    // Measured before the undoing, which makes space.
    const fault = explain(error, folder, bytes);
    undo(fs, path, attempts);
    throw fault;
  }
}

function rename(fs: FileSystem, attempt: Attempt): void {
  attempt.mayBeFinal = true;
  fs.rename(attempt.temporary, attempt.final);
}

function explain(error: unknown, { fs, path, expectedBytes }: CommitFolder, bytes: number): unknown {
  if (!(error instanceof StorageError) || error.errno !== 'ENOSPC') return error;
  return noSpace(error, error.path, fs, path, Math.max(expectedBytes, bytes));
}

/**
 * Takes back a failed attempt. The marker goes first, and durably: if its name cannot be taken back for sure, then
 * everything stays, and a checkpoint that was never acknowledged is there whole.
 */
function undo(fs: FileSystem, path: string, attempts: readonly Attempt[]): void {
  const marker = attempts.at(-1);
  try {
    if (marker?.mayBeFinal === true) {
      if (fs.stat(marker.final) !== undefined) fs.unlink(marker.final);
      fs.syncDir(path);
    }
  } catch {
    return;
  }
  for (const { temporary, final, mayBeFinal } of attempts) {
    unlinkQuietly(fs, temporary);
    if (mayBeFinal) unlinkQuietly(fs, final);
  }
}

function unlinkQuietly(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch {
    // Not there, or left to the sweep of the next writer; the failure that led here is the one to report.
  }
}
