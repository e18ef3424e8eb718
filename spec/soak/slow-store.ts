// Trains beside a store that is far slower than the steps, and looks at how much memory that takes.

import { lastValueFrom, tap, timer } from 'rxjs';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { StampedState } from './stamped-state.js';

export interface SlowStore {
  readonly steps: number;
  readonly saves: number;
  readonly skipped: number;
  readonly secondsOfSteps: number;
  readonly secondsOfSave: number;
  readonly grownBytes: number;
}

const { steps, overlap, stateBytes, saveMs } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly steps: number;
  readonly overlap: 'latest' | 'skip' | 'wait';
  readonly stateBytes: number;
  readonly saveMs: number;
};
const store = memoryStore({ latencyMs: ({ operation }) => (operation === 'write' ? saveMs : 0) });
const counts = { saves: 0, skipped: 0, inSaves: 0 };
let [warm, peak] = [0, 0];
const startedAt = performance.now();
await lastValueFrom(
  trainingSession({
    scaffold: { create: () => ({ state: new StampedState(stateBytes / 4) }) },
    step: ({ state: { state }, globalStep }) => {
      state.train();
      // The saves need turns of the event loop.
      return globalStep % 10 === 0 ? timer(0) : undefined;
    },
    logger: silentLogger,
  }).pipe(
    asyncCheckpointSaver(storeSaver(store, { retention: keepLatest(1) }), {
      trigger: everySteps(1),
      overlap,
      background: 'inProcess',
    }),
    stopAtStep({ lastStep: steps }),
    tap((event) => {
      if (event.type === 'saveSkipped') counts.skipped++;
      if (event.type === 'afterSave') {
        counts.saves++;
        counts.inSaves += event.seconds;
      }
      if (event.type !== 'step') return;
      if (event.globalStep === Math.ceil(steps / 10)) {
        globalThis.gc?.();
        warm = process.memoryUsage.rss();
      }
      if (event.globalStep % 50 === 0) peak = Math.max(peak, process.memoryUsage.rss());
    }),
  ),
);
const found: SlowStore = {
  steps,
  saves: counts.saves,
  skipped: counts.skipped,
  secondsOfSteps: (performance.now() - startedAt) / 1000 / steps,
  secondsOfSave: counts.inSaves / counts.saves,
  grownBytes: peak - warm,
};
console.log(JSON.stringify(found));
