import { mkdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { CheckpointStore } from '../../index.js';
import { fileStore } from '../../node.js';
import { printable } from '../printable.js';
import { UsageError } from '../usage-error.js';

/**
 * Makes the folder of a run, if it is not there.
 *
 * @throws UsageError if it is none, or cannot be made
 */
export function openRunFolder(dir: string): CheckpointStore {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new UsageError(`--dir ${printable(dir)} ${reason(error)}`, undefined, { cause: error });
  }
  if (!statSync(dir).isDirectory()) throw new UsageError(`--dir ${printable(dir)} is not a folder`);
  return fileStore(dir);
}

function reason(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST') return 'is not a folder';
  if (code === 'ENOTDIR') return 'is not a folder, or lies below a file (ENOTDIR)';
  if (code === 'EACCES' || code === 'EPERM') return `cannot be made: permission denied for ${userInfo().username}`;
  if (code === 'ENOENT') return 'is a link that leads nowhere (ENOENT)';
  if (code === 'ELOOP') return 'is a link that leads to itself (ELOOP, too many links)';
  return `cannot be made: ${error instanceof Error ? error.message : String(error)}`;
}
