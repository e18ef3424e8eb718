// Trains, and leaves checkpoints for the evaluator, which is a process of its own:
//
//     npx tsx docs/examples/trainer-and-evaluator/trainer.ts runs/pair &
//     npx tsx docs/examples/trainer-and-evaluator/evaluator.ts runs/pair

import { lastValueFrom, tap } from 'rxjs';
import { monitoredTrainingSession, stopAtStep } from '../../../lib/index.js';
import { fileStore } from '../../../lib/node.js';
import { startBackend } from '../digits/backend.js';
import { LAST_STEP, task } from './task.js';

const dir = process.argv[2] ?? 'runs/pair';
await startBackend();

const session$ = monitoredTrainingSession({
  ...task,
  store: fileStore(dir),
  saveCheckpointSteps: 8,
  hooks: [stopAtStep({ lastStep: LAST_STEP })],
});

await lastValueFrom(
  session$.pipe(
    tap((event) => {
      if (event.type === 'afterSave') process.stdout.write(`saved step ${event.globalStep}\n`);
    }),
  ),
);
