// Runs sessions one after another, each of which goes on from the checkpoint of the one before, and looks at what stays
// open. Every third saves in the background.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { stopOnSignals } from '../../lib/hook/stop-on-signals.js';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { eventFileWriter } from '../../lib/summary/event-file/event-file-writer.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { handles, openFiles, settled } from './open-things.js';
import { quickFolder } from './quick-folder.js';
import { StampedState } from './stamped-state.js';

export interface ManyCycles {
  readonly cycles: number;
  readonly lastStep: number;
  readonly handlesBefore: readonly string[];
  readonly handlesAfter: readonly string[];
  readonly filesBefore: readonly string[];
  readonly filesAfter: readonly string[];
  readonly listenersBefore: number;
  readonly listenersAfter: number;
}

const STEPS = 3;
const WARM_UP = 12;
const { cycles } = JSON.parse(process.argv[2] ?? '{}') as { readonly cycles: number };
const path = mkdtempSync(join(quickFolder(), 'tidemark-cycles-'));
let lastStep = 0;

async function cycle(nth: number): Promise<void> {
  const store = fileStore(path);
  const saver = storeSaver(store, { format: nth % 2 === 0 ? tensorBundle() : safetensors(), retention: keepLatest(2) });
  const events = eventFileWriter(join(path, `events-${nth % 2}`));
  const last = await lastValueFrom(
    trainingSession({
      scaffold: { create: () => ({ state: new StampedState(2000) }) },
      step: ({ state: { state } }) => state.train(),
      restore: latestFrom(store, { logger: silentLogger }),
      logger: silentLogger,
    }).pipe(
      stopAtStep({ lastStep: lastStep + STEPS }),
      summarySaver(events, { trigger: everySteps(2), values: ({ globalStep }) => new Map([['step', globalStep]]) }),
      (nth % 3 === 0 ? asyncCheckpointSaver : checkpointSaver)(saver, { trigger: everySteps(2) }),
      stopOnSignals(),
    ),
  );
  lastStep += STEPS;
  if (!('globalStep' in last) || last.globalStep !== lastStep) throw new Error(`cycle ${nth} ended elsewhere`);
}

/** Those of the process, which are forgotten most easily. */
const listeners = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as NodeJS.Signals), 0);

try {
  for (let nth = 0; nth < WARM_UP; nth++) await cycle(nth);
  await settled();
  const [handlesBefore, filesBefore, listenersBefore] = [handles(), openFiles(), listeners()];
  for (let nth = 1; nth <= cycles; nth++) await cycle(nth);
  await settled(handlesBefore, filesBefore);
  const found: ManyCycles = {
    cycles,
    lastStep: lastStep - WARM_UP * STEPS,
    handlesBefore,
    handlesAfter: handles(),
    filesBefore,
    filesAfter: openFiles(),
    listenersBefore,
    listenersAfter: listeners(),
  };
  console.log(JSON.stringify(found));
} finally {
  rmSync(path, { recursive: true, force: true });
}
