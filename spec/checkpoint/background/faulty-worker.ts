// A save worker that goes wrong in the way it is told to, for `worker-writer.spec.ts`; started like the real one. It says
// that it is ready, then does what it is told at each request.

import { parentPort, workerData } from 'node:worker_threads';

const { fault } = workerData as { fault: string };
const port = parentPort;
if (port === null) throw new Error('expected to be a worker');
if (fault === 'throws at start') throw new Error('no such luck');
if (fault === 'exits at start') process.exit(3);
if (fault !== 'is silent at start')
  port.postMessage({ version: fault === 'old at start' ? 0 : 1, id: 0, type: 'ready' });

port.on('message', (message: { id: number; type: string }) => {
  if (message.type === 'slot') return;
  switch (fault) {
    case 'throws':
      throw new Error('out of luck');
    case 'exits 0':
      return process.exit(0);
    case 'exits 7':
      return process.exit(7);
    case 'is silent': {
      // Busy, and without progress: nobody hears it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      return;
    }
    case 'runs out of memory': {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(100_000).fill(0));
    }
    case 'talks nonsense':
      return port.postMessage({ answer: 42 });
    case 'is of another version':
      return port.postMessage({ version: 2, id: message.id, type: 'done' });
    case 'fails with an unknown error':
      return port.postMessage({
        version: 1,
        id: message.id,
        type: 'failed',
        error: { name: 'OddError', message: 'odd', fields: {} },
      });
    case 'answers what nobody asked':
      port.postMessage({ version: 1, id: 999, type: 'done', value: 1 });
      return port.postMessage({ version: 1, id: message.id, type: 'done', value: 5 });
  }
});
