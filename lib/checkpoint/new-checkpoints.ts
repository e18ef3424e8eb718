import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  map,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  timer,
} from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import { describeReceived } from '../error/describe-received.js';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { Checkpoint } from './checkpoint.js';
import { type FoundCheckpoint, findCheckpoints, readStateFile } from './find-checkpoints.js';
import { checkFormats } from './format/check-formats.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { DEFAULT_FORMATS } from './read-checkpoint.js';

export interface NewCheckpointsOptions {
  /** The least time from one checkpoint to the next look; newer ones that come meanwhile are passed over. @default 0 */
  readonly minIntervalSeconds?: number | undefined;
  /** How long to wait for each; with 0 it looks once. @default for ever */
  readonly timeoutSeconds?: number | undefined;
  /** Asked when the wait has timed out: `true` ends the stream, `false` waits as long again. @default it ends */
  readonly timeoutFn?: (() => boolean) | undefined;
  /** The time from one look to the next, while there is nothing new; above 0. @default 1 */
  readonly pollSeconds?: number | undefined;
  /** Whose time that is. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** @default tensor bundles and safetensors */
  readonly formats?: readonly CheckpointFormat[] | undefined;
}

export interface NewCheckpointsWorkOptions<R> extends NewCheckpointsOptions {
  /**
   * What to do with each checkpoint; the stream is of what it emits. The next look is after it: so work that takes
   * longer than the trainer's interval gets the newest one each time, and not all. If it fails because the trainer has
   * deleted the checkpoint meanwhile, the next one is waited for.
   */
  readonly work: (checkpoint: Checkpoint) => ObservableInput<R>;
}

const OPTIONS: OptionNames<NewCheckpointsWorkOptions<never>> = {
  minIntervalSeconds: true,
  timeoutSeconds: true,
  timeoutFn: true,
  pollSeconds: true,
  scheduler: true,
  formats: true,
  work: true,
};

/**
 * The newest checkpoint of a store, whenever there is a new one: for a process that evaluates what another one trains.
 *
 *     committed           --1--2-3-4--------5-…
 *     newCheckpoints      --1-----4---------5-…      with work that takes three characters
 *
 * Only committed checkpoints are seen, never half-written ones. A store whose folder is not there yet has none. One that
 * was written anew under an old name, after its writer had gone back, is new.
 *
 * @throws TypeError, RangeError for wrong options
 * @see TensorFlow, checkpoint_utils / evaluation.py, checkpoints_iterator
 */
export function newCheckpoints<R>(store: CheckpointStore, options: NewCheckpointsWorkOptions<R>): Observable<R>;
export function newCheckpoints(store: CheckpointStore, options?: NewCheckpointsOptions): Observable<Checkpoint>;
export function newCheckpoints(
  store: CheckpointStore,
  options: NewCheckpointsOptions & Partial<NewCheckpointsWorkOptions<unknown>> = {},
): Observable<unknown> {
  checkStore('newCheckpoints(store)', store);
  checkOptions('newCheckpoints(options)', options, OPTIONS);
  const {
    minIntervalSeconds = 0,
    timeoutSeconds = Number.POSITIVE_INFINITY,
    timeoutFn = () => true,
    pollSeconds = 1,
    scheduler = asyncScheduler,
    formats = DEFAULT_FORMATS,
    work = (checkpoint: Checkpoint) => of(checkpoint),
  } = options;
  checkFormats('newCheckpoints(formats)', formats);
  for (const [name, value] of Object.entries({ minIntervalSeconds, timeoutSeconds })) {
    if (!(value >= 0))
      throw new RangeError(`newCheckpoints(${name}): expected a number from 0, received ${describeReceived(value)}`);
  }
  if (!(pollSeconds > 0)) {
    throw new RangeError(
      `newCheckpoints(pollSeconds): expected a number above 0, received ${describeReceived(pollSeconds)}`,
    );
  }
  for (const [name, value] of Object.entries({ timeoutFn, work })) {
    checkFunction(`newCheckpoints(${name})`, value);
  }

  /** Emits a checkpoint that is not `last`, or completes when time is up. */
  const next = (last: FoundCheckpoint | undefined, since: number): Observable<FoundCheckpoint> =>
    newestIn(store, formats).pipe(
      concatMap((newest) => {
        if (newest !== undefined && !isSame(newest, last)) return of(newest);
        const now = scheduler.now();
        let from = since;
        if (now + pollSeconds * 1000 > since + timeoutSeconds * 1000) {
          if (timeoutFn()) return EMPTY;
          from = now;
        }
        return timer(pollSeconds * 1000, scheduler).pipe(concatMap(() => next(last, from)));
      }),
    );

  const after = (last: FoundCheckpoint | undefined, wait: number): Observable<unknown> =>
    (wait > 0 ? timer(wait, scheduler) : of(0)).pipe(
      concatMap(() => defer(() => next(last, scheduler.now()))),
      concatMap((checkpoint) => {
        const startedAt = scheduler.now();
        return concat(
          defer(() => work(checkpoint)).pipe(
            catchError((error: unknown) => {
              if (error instanceof CheckpointNotFoundError && error.prefix === checkpoint.prefix) return EMPTY;
              throw error;
            }),
          ),
          defer(() => after(checkpoint, startedAt + minIntervalSeconds * 1000 - scheduler.now())),
        );
      }),
    );

  return defer(() => after(undefined, 0));
}

/** The checkpoint that the state file names; without a sound one, or if that one is gone, the one of the latest step. */
function newestIn(
  store: CheckpointStore,
  formats: readonly CheckpointFormat[],
): Observable<FoundCheckpoint | undefined> {
  return findCheckpoints(store, formats).pipe(
    concatMap((found) =>
      readStateFile(store).pipe(
        catchError((error: unknown) => {
          if (error instanceof CorruptDataError) return of(undefined);
          throw error;
        }),
        map((state) => found.find(({ prefix }) => prefix === state?.latest) ?? found.at(-1)),
      ),
    ),
  );
}

function isSame(a: FoundCheckpoint, b: FoundCheckpoint | undefined): boolean {
  return a.prefix === b?.prefix && a.savedAt === b.savedAt;
}
