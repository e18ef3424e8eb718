import { basename, dirname, resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { type ReadableCheckpoint, readCheckpoint, safetensors, tensorBundle } from '../index.js';
import { fileStore } from '../node.js';
import { isFolder } from './is-folder.js';
import { UsageError } from './usage-error.js';

/** Suffixes that people paste along with a prefix: a shell completes file names. */
const BUNDLE_FILE = /\.(?:index|data-\d{5}-of-\d{5}|tidemark\.json)$/;
const SAFETENSORS_FILE = /\.safetensors(?:\.tidemark\.json)?$/;

/**
 * Opens the checkpoint that a path on the command line means: a prefix, or one of its files. Writes nothing, takes no
 * lock.
 *
 * @throws UsageError if the path cannot be one of a checkpoint
 */
export async function openCheckpoint(cwd: string, path: string): Promise<ReadableCheckpoint> {
  const full = resolve(cwd, path);
  const name = basename(full);
  if (path === '' || name === '') throw new UsageError('expected the path of a checkpoint');
  const isSafetensors = SAFETENSORS_FILE.test(name);
  const prefix = name.replace(isSafetensors ? SAFETENSORS_FILE : BUNDLE_FILE, '');
  if (prefix === name && isFolder(full)) {
    throw new UsageError(`${path} is a folder`, `tidemark verify ${path} lists the checkpoints in it`);
  }
  // Both formats may lie under one name: the file that was named decides.
  const formats = isSafetensors ? [safetensors(), tensorBundle()] : [tensorBundle(), safetensors()];
  try {
    return await lastValueFrom(readCheckpoint(fileStore(dirname(full)), prefix, formats));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${path} cannot be a checkpoint: ${error.message}`);
    throw error;
  }
}
