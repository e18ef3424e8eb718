import { catchError, concatMap, from, map, type Observable, of, toArray } from 'rxjs';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import type { CheckpointState } from '../format/checkpoint-state/checkpoint-state.js';
import { confinePrefix } from '../format/checkpoint-state/confine-prefix.js';
import { decodeCheckpointState } from '../format/checkpoint-state/decode-checkpoint-state.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { Checkpoint } from './checkpoint.js';
import { decodeRecord, RECORD_SUFFIX } from './checkpoint-record.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { stepOfName } from './format/step-of.js';

/** A committed checkpoint, and whether its record says that this library wrote it. */
export interface FoundCheckpoint extends Checkpoint {
  readonly isOurs: boolean;
}

/**
 * The committed checkpoints of a store, oldest step first. Only their records are read, so a listed one may still turn
 * out to be damaged. One without a record, written by another program, takes its step from its name.
 */
export function findCheckpoints(
  store: CheckpointStore,
  formats: readonly CheckpointFormat[],
): Observable<readonly FoundCheckpoint[]> {
  return store.list(formats.map(({ marker }) => marker)).pipe(
    concatMap((prefixes) => from(prefixes)),
    concatMap((prefix) => describe(store, prefix)),
    toArray(),
    map((found) =>
      found
        .filter((checkpoint) => checkpoint !== undefined)
        .sort((a, b) => a.globalStep - b.globalStep || (a.prefix < b.prefix ? -1 : 1)),
    ),
  );
}

function describe(store: CheckpointStore, prefix: string): Observable<FoundCheckpoint | undefined> {
  return store.open(prefix).pipe(
    map((opened) => {
      try {
        let sizeBytes = 0;
        for (const file of opened.files.values()) sizeBytes += file.sizeBytes;
        const record = [...opened.files].find(([suffix]) => suffix.endsWith(RECORD_SUFFIX))?.[1];
        if (record === undefined) return foreign(prefix, sizeBytes);
        const { globalStep, savedAt, metrics, parent } = decodeRecord(record.read(0, record.sizeBytes), record.name);
        return { prefix, globalStep, savedAt, sizeBytes, metrics, parent, isOurs: true };
      } catch (error) {
        // A damaged record does not hide a checkpoint: whether it can be restored is seen when it is read.
        if (error instanceof CorruptDataError) return foreign(prefix, 0);
        throw error;
      } finally {
        opened.close();
      }
    }),
    // It may be gone since it was listed: a trainer deletes while others read.
    catchError(() => of(undefined)),
  );
}

function foreign(prefix: string, sizeBytes: number): FoundCheckpoint {
  const globalStep = stepOfName(prefix) ?? 0;
  return { prefix, globalStep, savedAt: 0, sizeBytes, metrics: new Map(), parent: undefined, isOurs: false };
}

/**
 * What the state file of a store says, confined to the store; `undefined` if there is none.
 *
 * @throws CorruptDataError if it is damaged
 */
export function readStateFile(store: CheckpointStore): Observable<CheckpointState | undefined> {
  return store.readState().pipe(
    map((bytes) => {
      if (bytes === undefined) return undefined;
      const state = decodeCheckpointState(bytes);
      return { ...state, latest: confinePrefix(state.latest), all: state.all.map((path) => confinePrefix(path)) };
    }),
  );
}
