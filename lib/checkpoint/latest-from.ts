import { catchError, concatMap, defer, map, type Observable, of, tap } from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import { describeReceived } from '../error/describe-received.js';
import { NoValidCheckpointError } from '../error/no-valid-checkpoint-error.js';
import { StorageError } from '../error/storage-error.js';
import { UnsupportedDataError } from '../error/unsupported-data-error.js';
import { defaultLogger, type Logger } from '../log/logger.js';
import type { RestoredCheckpoint, RestoreSource, SkippedCheckpoint } from '../session/restore-source.js';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import { type FoundCheckpoint, findCheckpoints, readStateFile } from './find-checkpoints.js';
import { checkFormats } from './format/check-formats.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { newestFirst } from './newest-first.js';
import { DEFAULT_FORMATS, readCheckpoint } from './read-checkpoint.js';

export interface LatestFromOptions {
  /** What to do if the newest checkpoint is damaged. @default 'fallBack' to the newest valid one */
  readonly onDamaged?: 'fallBack' | 'fail' | undefined;
  /** @default tensor bundles and safetensors */
  readonly formats?: readonly CheckpointFormat[] | undefined;
  /** @default pino on standard error */
  readonly logger?: Logger | undefined;
}

const OPTIONS: OptionNames<LatestFromOptions> = { onDamaged: true, formats: true, logger: true };

const ON_DAMAGED: readonly unknown[] = ['fallBack', 'fail'];
/**
 * How often a folder is looked at while a trainer deletes what was found in it. Each look that comes too late means that
 * there is a newer checkpoint; one that keeps a single one and saves without a pause may outrun a slow reader often.
 */
const LOOKS = 16;

/**
 * Restores from the newest valid checkpoint of a store; a fresh start if the store has none. Every checksum is verified
 * before anything is believed.
 *
 * The state file says which is the newest, but a newer one that was made from it and that its writer had no time to
 * enter counts too, and without a (sound) state file the folder is searched.
 *
 * @throws NoValidCheckpointError on loading, if all checkpoints are damaged or the one that the state file names is gone
 *   and there is no other
 * @throws StorageError on loading, if the store cannot be read, e.g. for want of a permission: that is no damage
 */
export function latestFrom(store: CheckpointStore, options: LatestFromOptions = {}): RestoreSource {
  checkStore('latestFrom(store)', store);
  checkOptions('latestFrom(options)', options, OPTIONS);
  const { onDamaged = 'fallBack', formats = DEFAULT_FORMATS, logger = defaultLogger() } = options;
  checkFormats('latestFrom(formats)', formats);
  if (!ON_DAMAGED.includes(onDamaged)) {
    throw new RangeError(
      `latestFrom(onDamaged): expected 'fallBack' or 'fail', received ${describeReceived(onDamaged)}`,
    );
  }

  const firstValid = (
    [next, ...rest]: readonly FoundCheckpoint[],
    skipped: readonly SkippedCheckpoint[],
  ): Observable<RestoredCheckpoint | undefined> => {
    if (next === undefined) {
      if (skipped.length === 0) return of(undefined);
      const damaged = skipped.map(({ prefix }) => prefix);
      throw new NoValidCheckpointError(store.location, damaged, skipped[0]?.error);
    }
    return load(store, next.prefix, formats, skipped).pipe(
      tap(() => {
        const names = skipped.map(({ prefix }) => prefix).join(', ');
        if (names !== '') logger.warn(`restoring ${next.prefix}, since ${names} cannot be restored`);
      }),
      catchError((error: unknown) => {
        if (onDamaged === 'fail' || !isDamage(error)) throw error;
        return firstValid(rest, [...skipped, { prefix: next.prefix, error }]);
      }),
    );
  };

  const look = (nth: number): Observable<RestoredCheckpoint | undefined> =>
    findCheckpoints(store, formats).pipe(
      concatMap((found) => candidates(store, found, logger)),
      concatMap((ordered) => firstValid(ordered, [])),
      catchError((error: unknown) => {
        // A trainer that deletes old checkpoints has made newer ones.
        if (nth < LOOKS && wasDeleted(error)) return look(nth + 1);
        throw error;
      }),
    );
  return { load: () => defer(() => look(1)) };
}

const CHECKPOINT_FROM_OPTIONS: OptionNames<Pick<LatestFromOptions, 'formats'>> = { formats: true };

/**
 * Restores from one certain checkpoint.
 *
 * @throws CheckpointNotFoundError, CorruptDataError on loading
 */
export function checkpointFrom(
  store: CheckpointStore,
  prefix: string,
  options: Pick<LatestFromOptions, 'formats'> = {},
): RestoreSource {
  checkStore('checkpointFrom(store)', store);
  checkOptions('checkpointFrom(options)', options, CHECKPOINT_FROM_OPTIONS);
  const { formats = DEFAULT_FORMATS } = options;
  return { load: () => load(store, prefix, formats, []) };
}

function load(
  store: CheckpointStore,
  prefix: string,
  formats: readonly CheckpointFormat[],
  skipped: readonly SkippedCheckpoint[],
): Observable<RestoredCheckpoint> {
  return readCheckpoint(store, prefix, formats).pipe(
    map((checkpoint) => {
      try {
        const snapshot = checkpoint.snapshot();
        return { from: { prefix, location: store.location, globalStep: snapshot.globalStep, skipped }, snapshot };
      } finally {
        checkpoint.close();
      }
    }),
  );
}

/** What is to be tried, in order; says what is left out and why. */
function candidates(
  store: CheckpointStore,
  found: readonly FoundCheckpoint[],
  logger: Logger,
): Observable<readonly FoundCheckpoint[]> {
  return readStateFile(store).pipe(
    map((state) => state?.latest),
    catchError((error: unknown) => {
      if (!(error instanceof CorruptDataError)) throw error;
      logger.warn({ err: error }, `the state file of ${store.location} is damaged: searching the folder instead`);
      return of(undefined);
    }),
    map((latest) => {
      if (latest !== undefined && !found.some(({ prefix }) => prefix === latest)) {
        const missing = new CheckpointNotFoundError(latest, store.location);
        if (found.length === 0) throw new NoValidCheckpointError(store.location, [latest], missing);
        logger.warn(`the state file of ${store.location} names ${latest}, which is not there`);
      }
      const ordered = newestFirst(found, latest);
      const others = found.filter((checkpoint) => !ordered.includes(checkpoint)).map(({ prefix }) => prefix);
      if (others.length > 0) {
        logger.warn(`left aside: ${others.join(', ')}, not made from ${latest}, which the state file names`);
      }
      return ordered;
    }),
  );
}

/** Whether another checkpoint is worth a try: not where the fault lies in the machine, and this one may be well. */
function isDamage(error: unknown): boolean {
  return (
    error instanceof CorruptDataError ||
    error instanceof UnsupportedDataError ||
    error instanceof CheckpointNotFoundError ||
    (error instanceof StorageError && error.fault === 'IO')
  );
}

function wasDeleted(error: unknown): boolean {
  return error instanceof NoValidCheckpointError && error.cause instanceof CheckpointNotFoundError;
}
