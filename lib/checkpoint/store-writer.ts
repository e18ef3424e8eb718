import { catchError, concat, concatMap, defer, ignoreElements, map, type Observable, of, throwError } from 'rxjs';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import { checkFinite } from './check-finite.js';
import type { CheckpointRecord } from './checkpoint-record.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { verifyCheckpoint } from './verify-checkpoint.js';
import type { WriteProgress } from './write-progress.js';

/** What is known of a checkpoint before it is encoded. */
export type NewRecord = Omit<CheckpointRecord, 'format' | 'files'>;

/** What changes a store for a saver: in this thread, or in another. */
export interface StoreWriter {
  /** Writes and commits a checkpoint; may emit how far it is, lastly emits its size in bytes. */
  write(prefix: string, snapshot: StateSnapshot, record: NewRecord): Observable<WriteProgress | number>;
  writeState(bytes: Uint8Array): Observable<void>;
  remove(prefixes: readonly string[], markers: readonly string[]): Observable<void>;
}

/** Writes in this thread, which has no time to tell how far it is. */
export interface LocalWriter extends StoreWriter {
  write(prefix: string, snapshot: StateSnapshot, record: NewRecord): Observable<number>;
}

export interface StoreWriterOptions {
  /** Whether a state with NaN or an infinity fails to be saved. */
  readonly refuseNonFinite: boolean;
  /** Whether each checkpoint is read back and verified before it is acknowledged. */
  readonly verifyWrites: boolean;
}

export function storeWriter(
  store: CheckpointStore,
  format: CheckpointFormat,
  { refuseNonFinite, verifyWrites }: StoreWriterOptions,
): LocalWriter {
  return {
    write: (prefix, snapshot, record) =>
      defer(() => {
        if (refuseNonFinite) checkFinite(snapshot);
        return store.write(prefix, format.encode(snapshot, record, store.crc32c));
      }).pipe(concatMap((sizeBytes) => (verifyWrites ? verified(store, prefix, format, sizeBytes) : of(sizeBytes)))),
    writeState: (bytes) => store.writeState(bytes),
    remove: (prefixes, markers) => store.remove(prefixes, markers),
  };
}

/** Reads a checkpoint back; one that is damaged is set aside, so that nobody resumes from it. */
function verified(
  store: CheckpointStore,
  prefix: string,
  format: CheckpointFormat,
  sizeBytes: number,
): Observable<number> {
  return verifyCheckpoint(store, prefix, [format]).pipe(
    map(({ faults: [first] }) => first),
    catchError((fault: unknown) => of({ name: undefined, fault })),
    concatMap((first) => {
      if (first === undefined) return of(sizeBytes);
      const what = first.name === undefined ? 'it' : `tensor "${first.name}"`;
      const error = new CorruptDataError(format.name, prefix, `read back after the save, ${what} is damaged`, {
        cause: first.fault,
        hint: 'the checkpoint was set aside; look for faults of the disk or of the memory',
      });
      return concat(
        store.quarantine(prefix, [format.marker]).pipe(ignoreElements()),
        throwError(() => error),
      );
    }),
  );
}
