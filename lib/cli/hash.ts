import { hashCheckpoint } from '../node.js';
import type { Io } from './io.js';
import { openCheckpoint } from './open-checkpoint.js';

/** Prints the hash of a checkpoint's state: the same state has the same hash, whatever format it is in. */
export async function hash(path: string, io: Io): Promise<number> {
  const checkpoint = await openCheckpoint(io.cwd, path);
  try {
    io.out(`${hashCheckpoint(checkpoint)}\n`);
    return 0;
  } finally {
    checkpoint.close();
  }
}
