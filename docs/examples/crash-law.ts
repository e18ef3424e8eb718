// Proves that no crash of the machine takes a checkpoint back: the run saves to a disk in memory, which then loses power
// before and after each of its operations.

import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { random } from '../../lib/session/random.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { runCrashLaw } from '../../lib/testing/run-crash-law.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

export const report = await runCrashLaw(
  (store) =>
    trainingSession({
      // A model would be another part beside the noise.
      scaffold: { create: () => ({ noise: random(7, 'noise') }) },
      step: ({ state }) => ({ loss: state.noise.normal() }),
      restore: latestFrom(store),
    }).pipe(checkpointSaver(storeSaver(store, { retention: keepLatest(2) }), { trigger: everySteps(2) })),
  { steps: 6, maxStates: 100 },
);
