import { concatMap, map, type Observable, type SchedulerLike, scheduled } from 'rxjs';
import { macrotaskScheduler } from '../../session/macrotask-scheduler.js';
import type { Saver } from '../saver.js';
import type { BackgroundWriter } from './background-writer.js';
import { PooledWriter } from './pooled-writer.js';
import { SnapshotPool } from './snapshot-pool.js';

/**
 * Opens a saver so that a state is copied at once and written in a later turn of the same thread: the loop is spared
 * what a store waits for, but not what is computed, and nothing at all with a store that acts synchronously.
 */
export function openInProcess(
  saver: Saver,
  scheduler: SchedulerLike = macrotaskScheduler,
): Observable<BackgroundWriter> {
  return saver
    .open()
    .pipe(
      map(
        (open) =>
          new PooledWriter(open, new SnapshotPool((sizeBytes) => new ArrayBuffer(sizeBytes)), (snapshot, metrics) =>
            scheduled([snapshot], scheduler).pipe(concatMap((copy) => open.save(copy, metrics))),
          ),
      ),
    );
}
