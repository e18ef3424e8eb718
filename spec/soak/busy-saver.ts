// Saves after each step and keeps only the last checkpoint, until it is killed: for those who read meanwhile.

import { lastValueFrom, tap, timer } from 'rxjs';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { StampedState } from './stamped-state.js';

const { path, format, isAsync } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly path: string;
  readonly format: string;
  readonly isAsync: boolean;
};
const store = fileStore(path);
const saver = storeSaver(store, {
  format: format === 'safetensors' ? safetensors() : tensorBundle(),
  retention: keepLatest(1),
});
let saved = 0;
await lastValueFrom(
  trainingSession({
    scaffold: { create: () => ({ state: new StampedState(3000) }) },
    step: ({ state: { state } }) => {
      state.train();
      return isAsync ? timer(0) : undefined;
    },
    restore: latestFrom(store, { logger: silentLogger }),
    logger: silentLogger,
  }).pipe(
    (isAsync ? asyncCheckpointSaver : checkpointSaver)(saver, { trigger: everySteps(1) }),
    tap(({ type }) => {
      if (type === 'afterSave' && ++saved === 2) console.log('saving');
    }),
  ),
);
