import { Worker } from 'node:worker_threads';

/** What the thread is told. */
export interface DashboardRequest {
  /** The folder of runs, or one run's own. */
  readonly root: string;
  readonly pageFolder: string | undefined;
}

/** What it says, once. */
export type DashboardAnswer = { readonly url: string } | { readonly fault: string };

/** A dashboard that is served beside a run. */
export interface DashboardThread {
  /** Where it is, or why there is none; it never rejects. */
  readonly answer: Promise<DashboardAnswer>;
  close(): Promise<void>;
}

// A dashboard that runs out of memory ends, and the training goes on.
const MOST_HEAP_MB = 512;

/**
 * Serves the dashboard in a thread of its own, which reads files alone and keeps no process alive. Nothing that goes
 * wrong there reaches the run.
 */
export function startDashboardThread(request: DashboardRequest): DashboardThread {
  const entry = import.meta.url.endsWith('.ts') ? './dashboard-entry-in-tsx.mjs' : './dashboard-entry.js';
  const worker = new Worker(new URL(entry, import.meta.url), {
    workerData: request,
    name: 'tidemark-dashboard',
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  worker.unref();
  const answer = new Promise<DashboardAnswer>((resolve) => {
    worker.once('message', resolve);
    worker.on('error', (error) => resolve({ fault: error.message }));
    worker.once('exit', () => resolve({ fault: 'it ended' }));
  });
  return { answer, close: async () => void (await worker.terminate()) };
}
