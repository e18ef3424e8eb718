// The thread that serves the dashboard of a run: whatever browsers ask for, the loop that trains does not wait for it.

import { parentPort, workerData } from 'node:worker_threads';
import { startDashboard } from '../../dashboard/index.js';
import type { DashboardAnswer, DashboardRequest } from './dashboard-thread.js';

const { root, pageFolder }: DashboardRequest = workerData;
let answer: DashboardAnswer;
try {
  const { url } = await startDashboard(root, { pageFolder });
  answer = { url };
} catch (error) {
  answer = { fault: error instanceof Error ? error.message : String(error) };
}
parentPort?.postMessage(answer);
