// Proves that a run resumes to the bit: it is cut after each of its steps, resumed, and compared with one that was not.

import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { random } from '../../lib/session/random.js';
import { shuffledBatches } from '../../lib/session/shuffled-batches.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { resumeLaw } from '../../lib/testing/resume-law.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

export const report = await resumeLaw(
  (store) =>
    trainingSession({
      // A model would be another part beside the noise.
      scaffold: { create: () => ({ noise: random(7, 'noise') }) },
      input: shuffledBatches({ size: 10, batchSize: 2, seed: 1, take: (indices) => [...indices] }),
      step: ({ state, batch }) => ({ loss: state.noise.normal() + (batch[0] ?? 0) }),
      restore: latestFrom(store),
    }).pipe(checkpointSaver(storeSaver(store), { trigger: everySteps(3) })),
  { steps: 12 },
);
