// A process of `kill-summaries.spec.ts`: trains to a step, saves and draws as it goes, and goes on where it was when it
// is started again. It says which steps were saved.

import { writeSync } from 'node:fs';
import { lastValueFrom, map, tap, timer } from 'rxjs';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { eventFileWriter } from '../../lib/summary/event-file/event-file-writer.js';
import { fakeState } from '../../lib/testing/fake-state.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const [folder = '', lastStep = '0', order = ''] = process.argv.slice(2);
const store = fileStore(folder);
const summaries = summarySaver(eventFileWriter(folder), { trigger: everySteps(1) });
const checkpoints = checkpointSaver(storeSaver(store), { trigger: everySteps(20) });
const session = trainingSession({
  scaffold: { create: () => fakeState() },
  step({ state, globalStep }) {
    state.model.train();
    const outputs = { weight: state.model.steps / 8, next: globalStep + 1 };
    // Slow enough to be killed on the way.
    return globalStep % 10 === 0 ? timer(1).pipe(map(() => outputs)) : outputs;
  },
  restore: latestFrom(store, { logger: silentLogger }),
  logger: silentLogger,
}).pipe(stopAtStep({ lastStep: Number(lastStep) }));

const run = order === 'savesFirst' ? session.pipe(checkpoints, summaries) : session.pipe(summaries, checkpoints);
await lastValueFrom(
  run.pipe(
    tap((event) => {
      if (event.type === 'afterSave') writeSync(1, `${event.globalStep}\n`);
    }),
  ),
);
