// Kills processes that train, and proves that what goes on in their folders is the run that would have been without the
// kills. The run is in a module of its own, which each process loads.

import { resumeLawByKill } from '../../lib/testing/index.js';

export const report = await resumeLawByKill({
  module: new URL('./resume-law-run.ts', import.meta.url),
  steps: 60,
  kills: 4,
  killsPerRun: 2,
});
