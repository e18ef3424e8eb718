import { concatMap, defer, finalize, map, Observable, take, tap } from 'rxjs';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { OpenSaver } from '../saver.js';
import type { NewRecord, StoreWriter } from '../store-writer.js';
import type { WriteProgress } from '../write-progress.js';
import type { BackgroundWriter } from './background-writer.js';
import { PooledSnapshot } from './pooled-snapshot.js';
import { PooledWriter, type Save } from './pooled-writer.js';
import { SaveWorker, type SaveWorkerOptions } from './save-worker.js';
import { SnapshotPool, type SnapshotSlot } from './snapshot-pool.js';
import { startWorker } from './start-worker.js';

const SILENCE_LIMIT_SECONDS = 120;

export interface WorkerWriterOptions {
  readonly settings: SaveWorkerOptions['settings'];
  /** How many copies of the state may be held at once. */
  readonly copies: 1 | 2;
  /** Default: a thread of its own, given up after 120 s without progress. */
  readonly start?: SaveWorkerOptions['start'] | undefined;
  readonly silenceLimitSeconds?: number | undefined;
}

/**
 * Opens a saver whose files are encoded, written and removed by a worker thread. The thread opens the folder for itself;
 * this one keeps the lock and the list of checkpoints.
 *
 * @param open opens the saver that is to write with this writer
 * @throws SaveWorkerError if the thread cannot be started
 */
export function openWorkerWriter(
  { settings, copies, start = startWorker, silenceLimitSeconds = SILENCE_LIMIT_SECONDS }: WorkerWriterOptions,
  open: (writer: StoreWriter) => Observable<OpenSaver>,
): Observable<BackgroundWriter> {
  return defer(() => {
    const worker = new SaveWorker({ start, settings, silenceLimitSeconds });
    const pool = new SnapshotPool((sizeBytes) => new SharedArrayBuffer(sizeBytes));
    const writer = new WorkerStoreWriter(worker, pool, copies);
    return open(writer).pipe(
      concatMap((saver) => {
        let isHandedOver = false;
        return worker.start().pipe(
          take(1),
          map(() => {
            isHandedOver = true;
            const save: Save = (copy, metrics) => saver.save(copy, metrics);
            return new PooledWriter(saver, pool, save, {
              onPlan: () => writer.prepareMemory(),
              onClose: () => worker.stop(),
            });
          }),
          finalize(() => {
            if (isHandedOver) return;
            worker.stop();
            saver.close();
          }),
        );
      }),
    );
  });
}

class WorkerStoreWriter implements StoreWriter {
  readonly #worker: SaveWorker;
  readonly #pool: SnapshotPool;
  readonly #copies: 1 | 2;
  /** What the thread knows of the slots. */
  readonly #told = new Map<number, Pick<SnapshotSlot, 'plan' | 'bytes'>>();

  constructor(worker: SaveWorker, pool: SnapshotPool, copies: 1 | 2) {
    this.#worker = worker;
    this.#pool = pool;
    this.#copies = copies;
  }

  write(prefix: string, snapshot: StateSnapshot, record: NewRecord): Observable<WriteProgress | number> {
    return this.#started().pipe(
      concatMap(() => {
        if (!(snapshot instanceof PooledSnapshot)) throw new TypeError('write(snapshot): expected a copy of the pool');
        const { slot, strings, stateJson } = snapshot;
        this.#tellOf(slot, false);
        this.#pool.beginRead(snapshot);
        const request = { type: 'write', slot: slot.index, prefix, stateJson, strings, record } as const;
        const written = this.#worker.request(request, () => this.#pool.endRead(snapshot));
        return new Observable<WriteProgress | number | undefined>((subscriber) => {
          const subscription = written.subscribe(subscriber);
          // Behind the write, so that the next copy finds its memory ready.
          if (this.#copies > 1) this.prepareMemory();
          return subscription;
        });
      }),
      map((report) => report ?? 0),
    );
  }

  writeState(bytes: Uint8Array): Observable<void> {
    return this.#ask({ type: 'writeState', bytes });
  }

  remove(prefixes: readonly string[], markers: readonly string[]): Observable<void> {
    return this.#ask({ type: 'remove', prefixes, markers });
  }

  #ask(request: Parameters<SaveWorker['request']>[0]): Observable<void> {
    return this.#started().pipe(
      concatMap(() => this.#worker.request(request)),
      map(() => undefined),
    );
  }

  #started(): Observable<unknown> {
    return this.#worker.start().pipe(
      tap(({ isNew }) => {
        if (isNew) this.#told.clear();
      }),
    );
  }

  #tellOf({ index, plan, bytes }: SnapshotSlot, isFresh: boolean): void {
    const told = this.#told.get(index);
    if (told?.plan === plan && told.bytes === bytes) return;
    this.#told.set(index, { plan, bytes });
    const { tensors, sizeBytes } = plan;
    this.#worker.tell({ type: 'slot', slot: index, memory: bytes.buffer, tensors, sizeBytes, isFresh });
  }

  /** Lets the thread touch the pages of memory that a copy will take. REQUIRES: the thread is ready. */
  prepareMemory(): void {
    const slot = this.#pool.reserve();
    if (slot !== undefined) this.#tellOf(slot, true);
  }
}
