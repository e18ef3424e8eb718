import { defer, type Observable, of } from 'rxjs';
import type { RestoredFrom } from '../../session/restore-source.js';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { Checkpoint } from '../checkpoint.js';
import type { OpenSaver } from '../saver.js';
import type { WriteProgress } from '../write-progress.js';
import type { BackgroundWriter, TakenSnapshot } from './background-writer.js';
import type { PooledSnapshot } from './pooled-snapshot.js';
import type { SnapshotPool } from './snapshot-pool.js';

/** Writes a copy beside the loop, as {@link OpenSaver.save} does. */
export type Save = (
  snapshot: PooledSnapshot,
  metrics: ReadonlyMap<string, number>,
) => Observable<WriteProgress | Checkpoint>;

/** What else acts beside the loop. */
interface BesideLoop {
  /** Is told when memory is planned, and may make it ready. */
  readonly onPlan?: (() => void) | undefined;
  /** Is told before the saver lets go of its place. */
  readonly onClose?: (() => void) | undefined;
}

/** Copies states into a pool, and leaves to a saver what is known of its place and what becomes of a copy. */
export class PooledWriter implements BackgroundWriter {
  readonly #saver: OpenSaver;
  readonly #pool: SnapshotPool;
  readonly #save: Save;
  readonly #beside: BesideLoop;

  /** @param save writes a copy beside the loop */
  constructor(saver: OpenSaver, pool: SnapshotPool, save: Save, beside: BesideLoop = {}) {
    this.#saver = saver;
    this.#pool = pool;
    this.#save = save;
    this.#beside = beside;
  }

  has(globalStep: number): boolean {
    return this.#saver.has(globalStep);
  }

  startFrom(restored: RestoredFrom | undefined): Observable<void> {
    return this.#saver.startFrom(restored);
  }

  prepare(snapshot: StateSnapshot): void {
    this.#pool.planFor(snapshot);
    this.#beside.onPlan?.();
  }

  take(snapshot: StateSnapshot, metrics: ReadonlyMap<string, number>): Observable<TakenSnapshot> {
    return defer(() => {
      const copy = this.#pool.copy(snapshot);
      return of({
        globalStep: copy.globalStep,
        sizeBytes: copy.sizeBytes,
        write: () => this.#write(copy, metrics),
        release: () => this.#pool.release(copy),
      });
    });
  }

  retain(): Observable<Checkpoint> {
    return this.#saver.retain();
  }

  close(): void {
    this.#beside.onClose?.();
    this.#saver.close();
  }

  #write(copy: PooledSnapshot, metrics: ReadonlyMap<string, number>): Observable<WriteProgress | Checkpoint> {
    return defer(() => this.#save(copy, metrics));
  }
}
