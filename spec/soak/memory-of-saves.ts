// Measures the memory that saves in the background take, above that of the state itself.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, tap, timer } from 'rxjs';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { StampedState } from './stamped-state.js';

export interface MemoryOfSaves {
  readonly saves: number;
  readonly skipped: number;
  readonly stateBytes: number;
  /** The most that was resident, above what was before the first save. */
  readonly peakBytes: number;
}

const { saves, stateBytes, format, overlap } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly saves: number;
  readonly stateBytes: number;
  readonly format: string;
  readonly overlap: 'latest' | 'skip' | 'wait';
};
const path = mkdtempSync(join(tmpdir(), 'tidemark-memory-'));
const state = new StampedState(stateBytes / 4);
// Its pages are to be there before anything is measured.
state.train();
state.step = 0;
let [saved, skipped, before, peak] = [0, 0, 0, 0];
const look = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
const looking = setInterval(look, 2);
try {
  const run = trainingSession({
    scaffold: { create: () => ({ state }) },
    // Time for the thread that measures, and far less than a save takes.
    step: ({ state: { state: own } }) => {
      own.train();
      return timer(1);
    },
    logger: silentLogger,
  }).pipe(
    asyncCheckpointSaver(
      storeSaver(fileStore(path), {
        format: format === 'safetensors' ? safetensors() : tensorBundle(),
        retention: keepLatest(1),
      }),
      { trigger: everySteps(1), overlap },
    ),
  );
  globalThis.gc?.();
  before = process.memoryUsage.rss();
  await lastValueFrom(
    run.pipe(
      tap((event) => {
        look();
        if (event.type === 'saveSkipped') skipped++;
        if (event.type === 'afterSave') saved++;
        if (event.type === 'step' && saved >= saves) event.requestStop('enough');
      }),
    ),
  );
  const found: MemoryOfSaves = { saves: saved, skipped, stateBytes, peakBytes: peak - before };
  console.log(JSON.stringify(found));
} finally {
  clearInterval(looking);
  rmSync(path, { recursive: true, force: true });
}
