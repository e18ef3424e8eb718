// Cancels runs that save in the background, at any moment: by the clock, and from within any event. After each there is
// nothing half in the folder, its lock is free, and what is there is one consistent state; the next run goes on from it.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Subscription } from 'rxjs';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { random } from '../../lib/session/random.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { handles, openFiles, settled } from './open-things.js';
import { quickFolder } from './quick-folder.js';
import { expectOneStep, StampedState } from './stamped-state.js';

export interface CancelledRuns {
  readonly cancels: number;
  readonly duringSave: number;
  readonly lastStep: number;
  readonly handlesBefore: readonly string[];
  readonly handlesAfter: readonly string[];
  /** What each descriptor is of, by its kind; empty where there is no /proc. */
  readonly filesBefore: readonly string[];
  readonly filesAfter: readonly string[];
}

const OVERLAPS = ['latest', 'skip', 'wait'] as const;
const LATEST_MS = 120;
const MOST_EVENTS = 80;

const { cancels, seed } = JSON.parse(process.argv[2] ?? '{}') as { readonly cancels: number; readonly seed: number };
const generator = random(seed, 'cancels');
const path = mkdtempSync(join(quickFolder(), 'tidemark-cancelled-'));
let isSaving = false;
let duringSave = 0;
let lastStep = 0;

function session(nth: number) {
  const store = fileStore(path);
  const format = nth % 2 === 0 ? tensorBundle() : safetensors();
  return trainingSession({
    scaffold: { create: () => ({ state: new StampedState(60_000) }) },
    step: ({ state: { state } }) => state.train(),
    restore: latestFrom(store, { logger: silentLogger }),
    logger: silentLogger,
  }).pipe(
    asyncCheckpointSaver(storeSaver(store, { format, retention: keepLatest(2) }), {
      trigger: everySteps(3),
      overlap: OVERLAPS[nth % 3],
    }),
  );
}

/** Resolves when the run was cancelled. */
function cancelled(nth: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = new Subscription();
    let events = generator.uniform() < 0.5 ? generator.integer(MOST_EVENTS) + 1 : Number.POSITIVE_INFINITY;
    const cancel = (): void => {
      clearTimeout(timer);
      if (isSaving) duringSave++;
      isSaving = false;
      try {
        subscription.unsubscribe();
        // At once: nobody writes any more.
        expectWhole(nth);
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    };
    const timer = setTimeout(cancel, events < Number.POSITIVE_INFINITY ? 5000 : generator.uniform() * LATEST_MS);
    subscription.add(
      session(nth).subscribe({
        next: ({ type }) => {
          if (type === 'snapshotTaken') isSaving = true;
          if (type === 'afterSave') isSaving = false;
          if (--events === 0) cancel();
        },
        error: reject,
      }),
    );
  });
}

function expectWhole(nth: number): void {
  const half = readdirSync(path).filter((name) => name.includes('.tmp'));
  if (half.length > 0) throw new Error(`cancel ${nth}, seed ${seed}: ${half} was left`);
  answerOf(fileStore(path).lock()).release();
  const restored = answerOf(latestFrom(fileStore(path), { logger: silentLogger }).load());
  if (restored === undefined) return;
  if (restored.from.skipped.length > 0)
    throw new Error(`cancel ${nth}, seed ${seed}: ${restored.from.skipped[0]?.prefix}`);
  expectOneStep(restored.snapshot);
  if (restored.snapshot.globalStep < lastStep) throw new Error(`cancel ${nth}, seed ${seed}: it went back`);
  lastStep = restored.snapshot.globalStep;
}

try {
  // The first runs load what is loaded once, and start what the process keeps.
  for (let nth = 0; nth < 12; nth++) await cancelled(nth);
  duringSave = 0;
  await settled();
  const [handlesBefore, filesBefore] = [handles(), openFiles()];
  for (let nth = 1; nth <= cancels; nth++) await cancelled(nth);
  await settled(handlesBefore, filesBefore);
  const found: CancelledRuns = {
    cancels,
    duringSave,
    lastStep,
    handlesBefore,
    handlesAfter: handles(),
    filesBefore,
    filesAfter: openFiles(),
  };
  console.log(JSON.stringify(found));
} finally {
  rmSync(path, { recursive: true, force: true });
}
