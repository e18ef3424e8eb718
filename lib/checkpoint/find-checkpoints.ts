import { catchError, concatMap, from, map, type Observable, of, toArray } from 'rxjs';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import { StorageError } from '../error/storage-error.js';
import type { CheckpointState } from '../format/checkpoint-state/checkpoint-state.js';
import { confinePrefix } from '../format/checkpoint-state/confine-prefix.js';
import { decodeCheckpointState } from '../format/checkpoint-state/decode-checkpoint-state.js';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore, StoredBytes } from '../store/checkpoint-store.js';
import type { Checkpoint } from './checkpoint.js';
import { type CheckpointRecord, RECORD_SUFFIX, readRecord } from './checkpoint-record.js';
import { checkFormats } from './format/check-formats.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { stepOfName } from './format/step-of.js';

/** A committed checkpoint, and what is known of its origin. */
export interface FoundCheckpoint extends Checkpoint {
  /** Whether its record says that this library wrote it: only such a one is ever deleted. */
  readonly isOurs: boolean;
  /** Whether a record is there that cannot be read: it was ours, but nothing about it is known. */
  readonly isRecordDamaged: boolean;
}

/**
 * The committed checkpoints of a store, oldest step first. Only their records are read, so a listed one may still turn
 * out to be damaged. One without a record, written by another program, takes its step from its name.
 *
 * @throws StorageError if one cannot be opened, e.g. for want of a permission: it may be there and well
 */
export function findCheckpoints(
  store: CheckpointStore,
  formats: readonly CheckpointFormat[],
): Observable<readonly FoundCheckpoint[]> {
  checkStore('findCheckpoints(store)', store);
  checkFormats('findCheckpoints(formats)', formats);
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
        const file = [...opened.files].find(([suffix]) => suffix.endsWith(RECORD_SUFFIX))?.[1];
        const record = file === undefined ? undefined : soundRecord(file);
        if (record === undefined) return unknownCheckpoint(prefix, sizeBytes, file !== undefined);
        const { globalStep, savedAt, metrics, parent } = record;
        return { prefix, globalStep, savedAt, sizeBytes, metrics, parent, isOurs: true, isRecordDamaged: false };
      } finally {
        opened.close();
      }
    }),
    catchError((error: unknown) => {
      // It may be gone since it was listed: a trainer deletes while others read.
      if (error instanceof CheckpointNotFoundError) return of(undefined);
      // Bytes that the disk does not give back are damage like any other.
      if (error instanceof StorageError && error.fault === 'IO') return of(unknownCheckpoint(prefix, 0, false));
      throw error;
    }),
  );
}

/** A damaged record does not hide a checkpoint: whether it can be restored is seen when it is read. */
function soundRecord(file: StoredBytes): CheckpointRecord | undefined {
  try {
    return readRecord(file);
  } catch (error) {
    if (error instanceof CorruptDataError) return undefined;
    throw error;
  }
}

function unknownCheckpoint(prefix: string, sizeBytes: number, isRecordDamaged: boolean): FoundCheckpoint {
  const globalStep = stepOfName(prefix) ?? 0;
  const unknown = { savedAt: 0, metrics: new Map(), parent: undefined, isOurs: false };
  return { prefix, globalStep, sizeBytes, isRecordDamaged, ...unknown };
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
