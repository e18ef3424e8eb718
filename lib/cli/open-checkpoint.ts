import { basename, dirname, resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { type ReadableCheckpoint, readCheckpoint, safetensors, tensorBundle } from '../index.js';
import { fileStore } from '../node.js';
import { isFolder } from './is-folder.js';
import { printable } from './printable.js';
import { UsageError } from './usage-error.js';

/** Suffixes that people paste along with a prefix: a shell completes file names. */
const BUNDLE_FILE = /\.(?:index|data-\d{5}-of-\d{5}|tidemark\.json)$/;
const SAFETENSORS_FILE = /\.safetensors(?:\.tidemark\.json)?$/;

/** Where the checkpoint lies that a path on the command line means: a prefix, or one of its files. */
export function checkpointPath(cwd: string, path: string): { readonly dir: string; readonly prefix: string } {
  const full = resolve(cwd, path);
  const name = basename(full);
  if (path === '' || name === '') throw new UsageError('expected the path of a checkpoint');
  return { dir: dirname(full), prefix: name.replace(SAFETENSORS_FILE.test(name) ? SAFETENSORS_FILE : BUNDLE_FILE, '') };
}

/**
 * Opens the checkpoint that a path on the command line means. Writes nothing, takes no lock.
 *
 * @throws UsageError if the path cannot be one of a checkpoint
 */
export async function openCheckpoint(cwd: string, path: string): Promise<ReadableCheckpoint> {
  const { dir, prefix } = checkpointPath(cwd, path);
  const full = resolve(cwd, path);
  if (prefix === basename(full) && isFolder(full)) {
    throw new UsageError(
      `${printable(path)} is a folder`,
      `tidemark verify ${printable(path)} lists the checkpoints in it`,
    );
  }
  // Both formats may lie under one name: the file that was named decides.
  const isSafetensors = SAFETENSORS_FILE.test(full);
  const formats = isSafetensors ? [safetensors(), tensorBundle()] : [tensorBundle(), safetensors()];
  try {
    return await lastValueFrom(readCheckpoint(fileStore(dir), prefix, formats));
  } catch (error) {
    if (error instanceof RangeError) {
      throw new UsageError(`${printable(path)} cannot be a checkpoint: ${error.message}`, undefined, { cause: error });
    }
    throw error;
  }
}
