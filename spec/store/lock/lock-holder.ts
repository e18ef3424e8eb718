// A process of `lock-folder.spec.ts`: takes and releases the store in the folder when it is told to.

import type { StoreLock } from '../../../lib/store/checkpoint-store.js';
import { fileStore } from '../../../lib/store/file-store.js';

export interface LockAnswer {
  readonly isHolder: boolean;
  /** The refusal, if it was refused. */
  readonly message?: string;
}

const store = fileStore(process.argv[2] ?? '');
let lock: StoreLock | undefined;
const answer = (said: LockAnswer): void => void process.send?.(said);

process.on('message', (order) => {
  if (order === 'release') {
    lock?.release();
    lock = undefined;
    answer({ isHolder: false });
    return;
  }
  store.lock().subscribe({
    next: (taken) => {
      lock = taken;
      answer({ isHolder: true });
    },
    error: (error: unknown) => answer({ isHolder: false, message: String(error) }),
  });
});
