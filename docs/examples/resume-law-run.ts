// The run of `resume-law-by-kill.ts`: everything that is trained, from scratch or from what is in the store.

import {
  asyncCheckpointSaver,
  everySteps,
  latestFrom,
  random,
  shuffledBatches,
  silentLogger,
  storeSaver,
  trainingSession,
} from '../../lib/index.js';
import type { MakeRun } from '../../lib/testing/index.js';

export const makeRun: MakeRun = (store) =>
  trainingSession({
    // A model would be another part beside the noise.
    scaffold: { create: () => ({ noise: random(7, 'noise') }) },
    input: shuffledBatches({ size: 10, batchSize: 2, seed: 1, take: (indices) => [...indices] }),
    step: ({ state, batch }) => ({ loss: state.noise.normal() + (batch[0] ?? 0) }),
    restore: latestFrom(store, { logger: silentLogger }),
    logger: silentLogger,
  }).pipe(asyncCheckpointSaver(storeSaver(store), { trigger: everySteps(3) }));
