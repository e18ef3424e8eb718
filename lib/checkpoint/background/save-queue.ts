import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  type Observable,
  of,
  race,
  repeat,
  type SchedulerLike,
  Subject,
  take,
  takeUntil,
  takeWhile,
  throwIfEmpty,
  timer,
} from 'rxjs';
import { CheckpointExistsError } from '../../error/checkpoint-exists-error.js';
import { NonFiniteStateError } from '../../error/non-finite-state-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { Logger } from '../../log/logger.js';
import type { Checkpoint } from '../checkpoint.js';
import {
  AfterSaveEvent,
  CheckpointDeletedEvent,
  type CheckpointEvent,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
} from '../checkpoint-event.js';
import type { SavePhases } from '../save-phases.js';
import { isSaved, type WriteProgress } from '../write-progress.js';
import type { BackgroundWriter, TakenSnapshot } from './background-writer.js';

/** A copy of the state that is to be written, and whom to tell of it. */
export interface QueuedSave {
  readonly taken: TakenSnapshot;
  readonly phases: SavePhases;
  /** When the save began, on the scheduler's clock. */
  readonly startedAt: number;
}

/** How often, and after how long, a write that failed is tried again. */
export interface SaveRetries {
  readonly retries: number;
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
}

export interface SaveQueueOptions<T extends QueuedSave> {
  readonly writer: Pick<BackgroundWriter, 'retain'>;
  readonly retries: SaveRetries;
  readonly scheduler: SchedulerLike;
  readonly logger: Logger;
  /** Emits when the run is over: from then on nothing is tried again. */
  readonly stop$: Observable<void>;
  readonly onCommitted: (save: T) => void;
  /** Told of a save that failed for good, or, if `isCommitted`, of a listener that failed after it. */
  readonly onFailed: (save: T, error: unknown, isCommitted: boolean) => void;
}

/**
 * The saves of one attempt of a run that go on beside its steps: at most one is written and one waits, so that at most
 * two copies of the state are in memory. A save counts as going on until its listeners are done with it.
 */
export class SaveQueue<T extends QueuedSave> {
  readonly #options: SaveQueueOptions<T>;
  readonly #idle = new Subject<void>();
  readonly #closed = new Subject<void>();
  #current: T | undefined;
  #waiting: T | undefined;
  #isRunning = false;

  constructor(options: SaveQueueOptions<T>) {
    this.#options = options;
  }

  /** Whether a save goes on. */
  get isBusy(): boolean {
    return this.#isRunning;
  }

  /** Whether a save of this step goes on or waits. */
  has(globalStep: number): boolean {
    return this.#current?.taken.globalStep === globalStep || this.#waiting?.taken.globalStep === globalStep;
  }

  /** Completes when no save goes on any more. */
  idle(): Observable<never> {
    return defer(() => (this.#isRunning ? this.#idle.pipe(take(1), ignoreElements()) : EMPTY));
  }

  /** Gives up the save that waits, if one does, for a newer one to take its place. */
  supersede(globalStep: number): Observable<never> {
    return defer(() => {
      const save = this.#waiting;
      this.#waiting = undefined;
      return save === undefined ? EMPTY : this.#superseded(save, globalStep);
    });
  }

  /** Lets a save wait for its turn. REQUIRES: none waits. */
  add(save: T): void {
    this.#waiting = save;
  }

  /** Writes what waits, and what comes to wait meanwhile. Never fails; unsubscribing gives up what goes on. */
  run(): Observable<never> {
    return defer(() => {
      this.#isRunning = true;
      return defer(() => this.#next()).pipe(
        repeat({ delay: () => (this.#waiting === undefined ? EMPTY : of(undefined)) }),
        ignoreElements(),
        takeUntil(this.#closed),
        // The last that this run does, for who waits may begin another one at once.
        finalize(() => this.#rest()),
      );
    });
  }

  /** Gives up what goes on and what waits. */
  close(): void {
    this.#closed.next();
    this.#rest();
  }

  #rest(): void {
    this.#current?.taken.release();
    this.#waiting?.taken.release();
    this.#current = undefined;
    this.#waiting = undefined;
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#idle.next();
  }

  #next(): Observable<unknown> {
    const save = this.#waiting;
    this.#waiting = undefined;
    this.#current = save;
    return save === undefined ? EMPTY : this.#write(save, 1);
  }

  #write(save: T, attempt: number): Observable<unknown> {
    return defer(() => save.taken.write()).pipe(
      takeWhile((report) => !isSaved(report), true),
      throwIfEmpty(() => new Error('the saver completed without a checkpoint')),
      concatMap((report) => (isSaved(report) ? this.#committed(save, report) : this.#goesOn(save, report))),
      catchError((error: unknown) => this.#failed(save, attempt, error)),
    );
  }

  #goesOn({ taken, phases, startedAt }: T, { writtenBytes }: WriteProgress): Observable<never> {
    const seconds = (this.#options.scheduler.now() - startedAt) / 1000;
    return phases.tell(new SaveProgressEvent(phases, taken.globalStep, writtenBytes, taken.sizeBytes, seconds));
  }

  #committed(save: T, checkpoint: Checkpoint): Observable<unknown> {
    const { taken, phases, startedAt } = save;
    const { scheduler, onCommitted, onFailed, logger } = this.#options;
    const { globalStep } = taken;
    const seconds = (scheduler.now() - startedAt) / 1000;
    taken.release();
    onCommitted(save);
    return concat(phases.tell(new AfterSaveEvent(phases, globalStep, checkpoint, seconds)), this.#retain(save)).pipe(
      catchError((error: unknown) => {
        logger.error({ err: error, globalStep }, 'a checkpoint listener failed');
        onFailed(save, error, true);
        return EMPTY;
      }),
    );
  }

  #retain({ taken, phases }: T): Observable<unknown> {
    return defer(() => this.#options.writer.retain()).pipe(
      catchError((error: unknown) => {
        // What could not be deleted is only superfluous, and is tried again after the next save.
        this.#options.logger.warn({ err: error }, 'old checkpoints could not be deleted');
        return EMPTY;
      }),
      concatMap((checkpoint) => phases.tell(new CheckpointDeletedEvent(phases, taken.globalStep, checkpoint))),
    );
  }

  #failed(save: T, attempt: number, error: unknown): Observable<unknown> {
    const { retries, scheduler, logger, stop$, onFailed } = this.#options;
    const { phases, taken } = save;
    const { globalStep } = taken;
    let isStopping = false;
    stop$
      .subscribe(() => {
        isStopping = true;
      })
      .unsubscribe();
    const isLast = attempt > retries.retries || !isWorthRetrying(error) || isStopping;
    logger.error({ err: error, globalStep, attempt }, isLast ? 'save failed' : 'save failed, and is tried again');
    const told = this.#tellQuietly(phases, new SaveFailedEvent(phases, globalStep, error));
    if (isLast) {
      taken.release();
      onFailed(save, error, false);
      return told;
    }
    const delaySeconds = Math.min(retries.longestDelaySeconds, retries.firstDelaySeconds * 2 ** (attempt - 1));
    return concat(
      told,
      race(timer(delaySeconds * 1000, scheduler), stop$).pipe(take(1), ignoreElements()),
      defer(() => {
        const newer = this.#waiting;
        if (newer === undefined) return this.#write(save, attempt + 1);
        this.#waiting = undefined;
        this.#current = newer;
        return concat(this.#superseded(save, newer.taken.globalStep), this.#write(newer, attempt + 1));
      }),
    );
  }

  #superseded({ taken, phases }: T, globalStep: number): Observable<never> {
    taken.release();
    const reason = `superseded by the save of step ${globalStep}`;
    return this.#tellQuietly(phases, new SaveSkippedEvent(phases, taken.globalStep, reason));
  }

  /** Tells what is bad enough without the failure of a listener. */
  #tellQuietly(phases: SavePhases, event: CheckpointEvent): Observable<never> {
    return phases.tell(event).pipe(
      catchError((error: unknown) => {
        this.#options.logger.error({ err: error }, `a checkpoint listener failed when told of ${event.type}`);
        return EMPTY;
      }),
    );
  }
}

/** Whether the same bytes may be written at another time: not if it is they that are wrong. */
function isWorthRetrying(error: unknown): boolean {
  const isOfState = [NonFiniteStateError, UnsupportedDataError, CheckpointExistsError, TypeError, RangeError].some(
    (type) => error instanceof type,
  );
  return !isOfState;
}
