import { catchError, concatMap, map, type Observable, of } from 'rxjs';
import { CodedError } from '../error/coded-error.js';
import { NoValidCheckpointError } from '../error/no-valid-checkpoint-error.js';
import { defaultLogger, type Logger } from '../log/logger.js';
import type { RestoredCheckpoint, RestoreSource, SkippedCheckpoint } from '../session/restore-source.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import { type FoundCheckpoint, findCheckpoints, readStateFile } from './find-checkpoints.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { DEFAULT_FORMATS, readCheckpoint } from './read-checkpoint.js';

export interface LatestFromOptions {
  /** What to do if the newest checkpoint is damaged. @default 'fallBack' to the newest valid one */
  readonly onDamaged?: 'fallBack' | 'fail' | undefined;
  /** @default tensor bundles and safetensors */
  readonly formats?: readonly CheckpointFormat[] | undefined;
  /** @default pino on standard error */
  readonly logger?: Logger | undefined;
}

const ON_DAMAGED: readonly unknown[] = ['fallBack', 'fail'];

/**
 * Restores from the newest valid checkpoint of a store; a fresh start if the store has none. Every checksum is verified
 * before anything is believed.
 *
 * The state file says which is the newest, but a newer one that its writer had no time to enter counts too, and without
 * a (sound) state file the folder is searched.
 *
 * @throws NoValidCheckpointError on loading, if there are checkpoints but all are damaged
 */
export function latestFrom(store: CheckpointStore, options: LatestFromOptions = {}): RestoreSource {
  const { onDamaged = 'fallBack', formats = DEFAULT_FORMATS, logger = defaultLogger() } = options;
  if (!ON_DAMAGED.includes(onDamaged)) {
    throw new RangeError(`latestFrom(onDamaged): expected 'fallBack' or 'fail', received '${onDamaged}'`);
  }

  const candidates = (found: readonly FoundCheckpoint[]): Observable<readonly FoundCheckpoint[]> =>
    readStateFile(store).pipe(
      map((state) => {
        if (state !== undefined && !found.some(({ prefix }) => prefix === state.latest)) {
          logger.warn(`the state file of ${store.location} names ${state.latest}, which is not there`);
        }
        return newestFirst(found, state?.latest);
      }),
      catchError((error: unknown) => {
        logger.warn({ err: error }, `the state file of ${store.location} is damaged: searching the folder instead`);
        return of(newestFirst(found, undefined));
      }),
    );

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
      catchError((error: unknown) => {
        if (onDamaged === 'fail' || !(error instanceof CodedError)) throw error;
        return firstValid(rest, [...skipped, { prefix: next.prefix, error }]);
      }),
    );
  };

  return {
    load: () =>
      findCheckpoints(store, formats).pipe(
        concatMap(candidates),
        concatMap((ordered) => firstValid(ordered, [])),
      ),
  };
}

/**
 * Restores from one certain checkpoint.
 *
 * @throws CheckpointNotFoundError, CorruptDataError on loading
 */
export function checkpointFrom(
  store: CheckpointStore,
  prefix: string,
  { formats = DEFAULT_FORMATS }: Pick<LatestFromOptions, 'formats'> = {},
): RestoreSource {
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
        return { from: { prefix, globalStep: snapshot.globalStep, skipped }, snapshot };
      } finally {
        checkpoint.close();
      }
    }),
  );
}

/**
 * The order in which checkpoints are tried. One with a later step than the state file's counts only if it was made from
 * that one: anything else is of another future.
 */
function newestFirst(found: readonly FoundCheckpoint[], latest: string | undefined): readonly FoundCheckpoint[] {
  const ordered = [...found].reverse();
  const listed = found.find(({ prefix }) => prefix === latest);
  if (listed === undefined) return ordered;
  return ordered.filter(
    (checkpoint) => checkpoint.globalStep <= listed.globalStep || descends(checkpoint, listed, found),
  );
}

function descends(checkpoint: FoundCheckpoint, from: FoundCheckpoint, found: readonly FoundCheckpoint[]): boolean {
  const byPrefix = new Map(found.map((other) => [other.prefix, other]));
  const seen = new Set<string>();
  for (let next: FoundCheckpoint | undefined = checkpoint; next !== undefined && !seen.has(next.prefix); ) {
    if (next.prefix === from.prefix) return true;
    seen.add(next.prefix);
    next = next.parent === undefined ? undefined : byPrefix.get(next.parent);
  }
  return false;
}
