// A training process that serves its dashboard in a thread, as `tidemark run` does: `tsx served-trainer.ts <folder> <page
// folder>`. Says where the dashboard is, then, for each line that it is sent, how many milliseconds a step took since
// the line before.

import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { lastValueFrom } from 'rxjs';
import { startDashboardThread } from '../../lib/cli/session/dashboard-thread.js';
import { silentLogger, trainingSession } from '../../lib/index.js';
import { runRecorder } from '../../lib/node.js';
import { computingStep } from './beside-training.js';

const [folder = '', pageFolder = ''] = process.argv.slice(2);
const answer = await startDashboardThread({ root: dirname(folder), pageFolder }).answer;
if (!('url' in answer)) throw new Error(answer.fault);
console.log(answer.url);

let [steps, since] = [0, performance.now()];
createInterface({ input: process.stdin }).on('line', () => {
  const now = performance.now();
  console.log(String((now - since) / steps));
  [steps, since] = [0, now];
});
await lastValueFrom(
  trainingSession({
    scaffold: { create: () => ({}) },
    step: ({ globalStep }) => {
      computingStep();
      steps++;
      return { loss: 1 / (globalStep + 1) };
    },
    logger: silentLogger,
  }).pipe(runRecorder(folder)),
);
