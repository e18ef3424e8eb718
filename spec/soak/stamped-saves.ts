// Saves in the background, again and again, while training goes on; reads every checkpoint back when it is acknowledged.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { quickFolder } from './quick-folder.js';
import { expectOneStep, StampedState } from './stamped-state.js';

export interface StampedSaves {
  readonly saves: number;
  readonly steps: number;
  readonly lastStep: number;
  readonly lastSaved: number;
  readonly restoredStep: number;
}

const { saves, format, overlap } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly saves: number;
  readonly format: 'safetensors' | 'tensor-bundle';
  readonly overlap: 'latest' | 'skip' | 'wait';
};
const path = mkdtempSync(join(quickFolder(), 'tidemark-stamped-'));
const store = fileStore(path);
const found = { saves: 0, steps: 0, lastStep: 0, lastSaved: 0, restoredStep: 0 };
try {
  const listener = checkpointListener({
    afterSave: ({ checkpoint: { prefix }, globalStep }) => {
      const read = answerOf(readCheckpoint(fileStore(path), prefix));
      try {
        const snapshot = read.snapshot();
        if (snapshot.globalStep !== globalStep) throw new Error(`${prefix} is of step ${snapshot.globalStep}`);
        expectOneStep(snapshot);
      } finally {
        read.close();
      }
      found.lastSaved = globalStep;
      return ++found.saves >= saves;
    },
  });
  const run = trainingSession({
    scaffold: { create: () => ({ state: new StampedState(5000) }) },
    step: ({ state: { state } }) => {
      state.train();
      found.steps++;
    },
    logger: silentLogger,
  }).pipe(
    asyncCheckpointSaver(
      storeSaver(store, {
        format: format === 'safetensors' ? safetensors() : tensorBundle(),
        retention: keepLatest(2),
      }),
      { trigger: everySteps(1), overlap, listeners: [listener] },
    ),
  );
  await lastValueFrom(
    run.pipe(
      tap((event) => {
        if (event.type === 'end') found.lastStep = event.globalStep;
      }),
    ),
  );
  found.restoredStep = answerOf(latestFrom(store, { logger: silentLogger }).load())?.from.globalStep ?? -1;
  console.log(JSON.stringify(found));
} finally {
  rmSync(path, { recursive: true, force: true });
}
