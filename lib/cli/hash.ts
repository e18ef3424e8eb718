import { hashCheckpoint } from '../node.js';
import type { Io } from './io.js';
import { openCheckpoint } from './open-checkpoint.js';

/** Prints the hash of a checkpoint's state: the same state has the same hash, whatever format it is in. */
export async function hash(path: string, { json = false }: { readonly json?: boolean }, io: Io): Promise<number> {
  const checkpoint = await openCheckpoint(io.cwd, path);
  try {
    const sha256 = hashCheckpoint(checkpoint);
    io.out(json ? `${JSON.stringify({ checkpoint: path, sha256 })}\n` : `${sha256}\n`);
    return 0;
  } finally {
    checkpoint.close();
  }
}
