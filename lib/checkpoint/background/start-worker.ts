import type { Worker } from 'node:worker_threads';
import { SaveWorkerError } from '../../error/save-worker-error.js';

/** The part of a worker thread that is used of it. */
export type WorkerThread = Pick<Worker, 'postMessage' | 'on' | 'ref' | 'unref' | 'terminate'>;

/** Starts a worker thread. */
export type StartWorker = (workerData: unknown) => WorkerThread;

/**
 * Starts the thread of `worker-entry`.
 *
 * Node's own module is asked for when it is needed and not imported, so that the core of the library loads in browsers.
 *
 * @throws SaveWorkerError if there are no threads here
 */
export const startWorker: StartWorker = (workerData) => {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) {
    throw new SaveWorkerError(
      'NOT_STARTED',
      'the save worker could not start: worker threads need Node 20.16 or newer',
      {
        hint: "save in this thread with `checkpointSaver`, or allow `background: 'inProcess'`",
      },
    );
  }
  // In a package this file is JavaScript, and so is its neighbour. Asked for here, since a bundle for browsers has no URL.
  const entry = import.meta.url.endsWith('.ts')
    ? new URL('./worker-entry-in-tsx.mjs', import.meta.url)
    : new URL('./worker-entry.js', import.meta.url);
  return new threads.Worker(entry, { workerData, name: 'tidemark-save' });
};
