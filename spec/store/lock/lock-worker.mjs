// A worker thread of `lock-folder.spec.ts`: asks for the store that its parent holds, then writes into it.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { fileStore } = await import('../../../lib/store/file-store.ts');
const store = fileStore(workerData, { isFolderRequired: true });
const answer = {};
store.lock().subscribe({
  error: (error) => {
    answer.lock = error.code;
  },
});
store.write('m', [{ suffix: '.index', chunks: [new Uint8Array(3)] }]).subscribe((bytes) => {
  answer.written = bytes;
});
parentPort.postMessage(answer);
