import { basename, dirname, resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { type ReadableCheckpoint, readCheckpoint } from '../index.js';
import { fileStore } from '../node.js';

/** Suffixes that people paste along with a prefix: a shell completes file names. */
const SUFFIXES = /\.(index|safetensors|tidemark\.json|data-\d{5,}-of-\d{5,})$/;

/**
 * Opens the checkpoint that a path on the command line means: a prefix, or one of its files. Writes nothing, takes no
 * lock.
 */
export function openCheckpoint(cwd: string, path: string): Promise<ReadableCheckpoint> {
  const full = resolve(cwd, path);
  const prefix = basename(full)
    .replace(/\.safetensors\.tidemark\.json$/, '')
    .replace(SUFFIXES, '');
  return lastValueFrom(readCheckpoint(fileStore(dirname(full)), prefix));
}
