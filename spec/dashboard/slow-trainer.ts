// A trainer that a spec starts and kills: `tsx slow-trainer.ts <folder> <milliseconds of a step> [name of the second metric]`. Its fourth save fails
// once, and is retried.

import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import {
  checkpointSaver,
  everySteps,
  hook,
  keepLatest,
  makeTensor,
  silentLogger,
  storeSaver,
  trainingSession,
} from '../../lib/index.js';
import { fileStore, runRecorder } from '../../lib/node.js';

const [folder = '', stepMs = '5', oddTag = 'accuracy'] = process.argv.slice(2);
const weights = new Float32Array(1000);
const store = fileStore(folder);
let writes = 0;
const failing = {
  ...store,
  write: (...args: Parameters<typeof store.write>) => {
    writes++;
    if (writes === 4) throw new Error('the disk is full for a moment');
    return store.write(...args);
  },
};
await lastValueFrom(
  trainingSession({
    scaffold: {
      create: () => ({
        weights: {
          capture: () => ({ tensors: new Map([['w', makeTensor('float32', [1000], weights)]]) }),
          restore: () => undefined,
        },
      }),
    },
    step: async ({ globalStep }) => {
      await delay(Number(stepMs));
      return { loss: 2 / (1 + globalStep / 40), [oddTag]: 1 - 0.9 / (1 + globalStep / 60) };
    },
    logger: silentLogger,
  }).pipe(
    hook('uploadToS3', () => ({
      step: (event) => {
        if (event.globalStep % 50 === 0) event.waitUntil(delay(20));
      },
    })),
    checkpointSaver(storeSaver(failing, { retention: keepLatest(3) }), {
      trigger: everySteps(20),
      onFailure: 'continue',
    }),
    runRecorder(folder, { totalSteps: 5000, heartbeatSeconds: 1 }),
  ),
);
