import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from './finding.js';

const TRIALS = 5;
const BLOCK = new Uint8Array(64 * 1024);
const SCARCE_BYTES = 1e9;
const SLOW_SYNC_MS = 50;
const LOCK = 'tidemark.lock';

/** The disk of a folder, or of the one above it that is there: free space, how long a sync takes, who writes there. */
export function checkDisk(folder: string): readonly Finding[] {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  if (!statSync(there).isDirectory()) return [{ topic: 'folder', state: 'bad', text: `${there} is not a folder` }];
  return [checkSpace(there), checkSync(there), ...checkLock(folder)];
}

function checkSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const text = `${(freeBytes / 1e9).toFixed(1)} GB free in ${folder}`;
  if (freeBytes >= SCARCE_BYTES) return { topic: 'space', state: 'good', text };
  return {
    topic: 'space',
    state: 'note',
    text,
    fix: 'tidemark prune <dir> --keep-last 3 --dry-run  shows what could go',
  };
}

/** A save syncs each of its files and its folder: about five times what one takes. */
function checkSync(folder: string): Finding {
  const path = join(folder, `.tidemark-doctor-${process.pid}.tmp`);
  try {
    const file = openSync(path, 'wx');
    const times: number[] = [];
    try {
      for (let i = 0; i < TRIALS; i++) {
        writeSync(file, BLOCK);
        const started = performance.now();
        fsyncSync(file);
        times.push(performance.now() - started);
      }
    } finally {
      closeSync(file);
      unlinkSync(path);
    }
    const median = times.sort((a, b) => a - b)[Math.floor(TRIALS / 2)] ?? 0;
    const text = `a sync of 64 KiB takes ${median.toPrecision(2)} ms`;
    if (median <= SLOW_SYNC_MS) return { topic: 'sync', state: 'good', text };
    return { topic: 'sync', state: 'note', text, fix: 'save in the background: asyncCheckpointSaver' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { topic: 'sync', state: 'bad', text: `nothing can be written: ${message}` };
  }
}

function checkLock(folder: string): readonly Finding[] {
  const path = join(folder, LOCK);
  if (!existsSync(path)) return [{ topic: 'lock', state: 'good', text: 'no writer' }];
  try {
    const { pid, host, since } = Object(JSON.parse(readFileSync(path, 'utf8'))) as Record<string, unknown>;
    const text = `held by pid ${String(pid)} on ${String(host)} since ${String(since)}, if that still lives`;
    return [{ topic: 'lock', state: 'note', text, fix: 'nothing, where it died: the next run takes the folder over' }];
  } catch {
    // Half a file of a writer that was killed, or of a foreign hand.
    return [
      { topic: 'lock', state: 'note', text: `${LOCK} cannot be read`, fix: 'remove it if no run is at work there' },
    ];
  }
}
