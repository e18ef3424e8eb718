// Evaluates the newest checkpoint of a trainer, whenever there is a new one, and writes what it finds beside the
// checkpoints: one JSON line for each, in evaluation.jsonl. Ends after the trainer's last step, or when nothing new has
// come for a minute.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, takeWhile } from 'rxjs';
import {
  checkpointFrom,
  evaluate,
  never,
  newCheckpoints,
  ofType,
  random,
  stopAtStep,
  trainingSession,
} from '../../../lib/index.js';
import { fileStore } from '../../../lib/node.js';
import type { ModelPart } from '../../../lib/tfjs/index.js';
import { accuracyOf } from '../digits/accuracy.js';
import { startBackend } from '../digits/backend.js';
import { drawDigits } from '../digits/drawn-digits.js';
import { LAST_STEP, task } from './task.js';

const dir = process.argv[2] ?? 'runs/pair';
await startBackend();
const store = fileStore(dir);
const heldOut = drawDigits(200, random(2, 'pair/test'));

/** Restores a checkpoint, measures it, and takes no step. */
const measured = (prefix: string) =>
  trainingSession({ ...task, restore: checkpointFrom(store, prefix) }).pipe(
    stopAtStep({ lastStep: 0 }),
    evaluate({
      on: never(),
      atStart: true,
      atEnd: false,
      run: ({ model }: { readonly model: ModelPart }) => ({ accuracy: accuracyOf(model.model, heldOut) }),
    }),
    ofType('metrics'),
  );

await lastValueFrom(
  newCheckpoints(store, {
    pollSeconds: 0.2,
    timeoutSeconds: 60,
    work: ({ prefix }) => measured(prefix),
  }).pipe(
    takeWhile(({ globalStep, metrics }) => {
      const line = JSON.stringify({ globalStep, ...Object.fromEntries(metrics) });
      appendFileSync(join(dir, 'evaluation.jsonl'), `${line}\n`);
      process.stdout.write(`${line}\n`);
      return globalStep < LAST_STEP;
    }),
  ),
  { defaultValue: undefined },
);
