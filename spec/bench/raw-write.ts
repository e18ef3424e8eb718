import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';

const PIECE_BYTES = 1 << 20;

/** Writes bytes into one new file in pieces of 1 MiB and syncs it, and nothing else; returns the milliseconds. */
export function rawWrite(path: string, block: Uint8Array): number {
  rmSync(path, { force: true });
  const startedAt = performance.now();
  const file = openSync(path, 'wx');
  for (let at = 0; at < block.length; at += PIECE_BYTES) writeSync(file, block.subarray(at, at + PIECE_BYTES));
  fsyncSync(file);
  closeSync(file);
  return performance.now() - startedAt;
}
