import { catchError, concat, concatMap, defer, EMPTY, type Observable, take, tap, throwError } from 'rxjs';
import type { BackgroundWriter, TakenSnapshot } from '../checkpoint/background/background-writer.js';
import { openInProcess } from '../checkpoint/background/in-process-writer.js';
import { type QueuedSave, SaveQueue, type SaveRetries } from '../checkpoint/background/save-queue.js';
import {
  BeforeSaveEvent,
  type CheckpointEvent,
  type SaveCause,
  SaveFailedEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../checkpoint/checkpoint-event.js';
import { SavePhases } from '../checkpoint/save-phases.js';
import type { Saver } from '../checkpoint/saver.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../session/event.js';
import type { HookEvent } from '../session/hook-event.js';
import { checkSaverOptions } from './check-saver-options.js';
import type { CheckpointSaverOptions } from './checkpoint-saver.js';
import { type Hook, type HookActions, type HookOutput, hook } from './hook.js';
import { Schedule } from './schedule.js';
import { StepMetrics } from './step-metrics.js';

export interface AsyncCheckpointSaverOptions<O = unknown> extends Omit<CheckpointSaverOptions<O>, 'onFailure'> {
  /**
   * What a firing does while a save still goes on:
   *
   * - `'latest'`: its state is copied and waits its turn; one that waited already is skipped for it
   * - `'skip'`: nothing is copied; it stays due, and the first step after the save is saved
   * - `'wait'`: the loop waits until the save is done
   *
   * `'latest'` needs memory for two copies of the state, the others for one.
   *
   * @default 'latest'
   */
  readonly overlap?: 'latest' | 'skip' | 'wait' | undefined;
  /**
   * What a failed save does: fail the run at the next step boundary, be told (`saveFailed`, and the log) while the run
   * goes on and the save stays due, or be tried again with the same copy.
   *
   * @default 'failRun'
   */
  readonly onFailure?: 'failRun' | 'continue' | RetryFailedSaves | undefined;
  /**
   * Where the copy is written: by a thread of its own, or in later turns of this one, which spares the loop no
   * computing and with a store that acts synchronously, as those on files and in memory do, no waiting either.
   *
   * @default 'worker'
   */
  readonly background?: 'worker' | 'inProcess' | undefined;
}

/** How a background save that failed is tried again; each failure is told. */
export interface RetryFailedSaves {
  /** A whole number from 1. */
  readonly retries: number;
  /** Each further delay is twice as long. @default 1 */
  readonly firstDelaySeconds?: number | undefined;
  /** @default 60 */
  readonly longestDelaySeconds?: number | undefined;
  /** What the last failure does. @default 'failRun' */
  readonly onLastFailure?: 'failRun' | 'continue' | undefined;
}

const OVERLAPS: readonly unknown[] = ['latest', 'skip', 'wait'];
const ON_FAILURE: readonly unknown[] = ['failRun', 'continue'];
const BACKGROUNDS: readonly unknown[] = ['worker', 'inProcess'];
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 60;

/**
 * Saves when {@link checkpointSaver} does, but holds the loop only while the state is copied; a worker thread encodes,
 * checksums, writes and syncs the copy while the run trains on.
 *
 *     source                                 b-c---1-2---3-4-5-e------|
 *     asyncCheckpointSaver(s, { trigger })   b-cBT-1-2BT-3A4-5-eBT--A-|     trigger: everySteps(2)
 *
 * B is `beforeSave`, T `snapshotTaken`, where the loop goes on, and A `afterSave`: durable. At most one save is written
 * and one waits. A save that failed, or was skipped, stays due. `end` waits for what goes on, then saves the last step;
 * a run that fails waits for it during the session's grace period; one that is cancelled gives it up, and nothing half
 * is left.
 *
 * Listeners act in the session's thread: what they do with `beforeSave` holds the loop, what they do with `afterSave`
 * holds the next save.
 *
 * @throws TypeError, RangeError for wrong options, and for a saver that cannot write in the background
 * @see docs/guide/async-saves.md
 */
export function asyncCheckpointSaver<O = unknown>(
  saver: Saver,
  options: AsyncCheckpointSaverOptions<O>,
): Hook<CheckpointEvent, O> {
  const { trigger, listeners = [], overlap = 'latest', onFailure = 'failRun', background = 'worker' } = options;
  checkSaverOptions('asyncCheckpointSaver', { saver, trigger, listeners });
  mustBeOneOf('overlap', overlap, OVERLAPS);
  mustBeOneOf('background', background, BACKGROUNDS);
  const retries = retriesOf(onFailure);
  const last = typeof onFailure === 'object' ? (onFailure.onLastFailure ?? 'failRun') : onFailure;
  mustBeOneOf('onFailure', last, ON_FAILURE);
  const { openBackground } = saver;
  if (background === 'worker' && openBackground === undefined) {
    throw new TypeError(
      'asyncCheckpointSaver(saver): expected one that a worker can write for, such as storeSaver(fileStore(folder)) in ' +
        `a known format, received one to ${saver.location}; or allow { background: 'inProcess' }`,
    );
  }
  const open = (): Observable<BackgroundWriter> =>
    background === 'worker' && openBackground !== undefined
      ? openBackground(overlap === 'latest' ? 2 : 1)
      : openInProcess(saver);
  const settings = { trigger, listeners, overlap, retries, failsRun: last === 'failRun', open };
  return hook('asyncCheckpointSaver', (output) => new ActiveSaver<O>(settings, output));
}

function mustBeOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  const expected = allowed.map((one) => `'${one}'`).join(' or ');
  throw new RangeError(`asyncCheckpointSaver(${name}): expected ${expected}, received '${value}'`);
}

function retriesOf(onFailure: AsyncCheckpointSaverOptions['onFailure']): SaveRetries {
  if (typeof onFailure !== 'object') return { retries: 0, firstDelaySeconds: 0, longestDelaySeconds: 0 };
  const { retries, firstDelaySeconds = 1, longestDelaySeconds = 60 } = onFailure;
  if (!(retries === Number.POSITIVE_INFINITY || (Number.isSafeInteger(retries) && retries >= 1))) {
    throw new RangeError(
      `asyncCheckpointSaver(onFailure.retries): expected a whole number from 1 or Infinity, received ${retries}`,
    );
  }
  for (const [name, value] of Object.entries({ firstDelaySeconds, longestDelaySeconds })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`asyncCheckpointSaver(onFailure.${name}): expected a number from 0, received ${value}`);
    }
  }
  return { retries, firstDelaySeconds, longestDelaySeconds };
}

type SavableEvent = SessionCreatedEvent | StepEvent | EndEvent;

interface Settings<O> {
  readonly trigger: AsyncCheckpointSaverOptions<O>['trigger'];
  readonly listeners: NonNullable<AsyncCheckpointSaverOptions<O>['listeners']>;
  readonly overlap: 'latest' | 'skip' | 'wait';
  readonly retries: SaveRetries;
  /** Whether a save that failed for good fails the run. */
  readonly failsRun: boolean;
  readonly open: () => Observable<BackgroundWriter>;
}

interface CausedSave extends QueuedSave {
  readonly cause: SaveCause;
}

/** The saver in one run. */
class ActiveSaver<O> implements HookActions<O> {
  readonly #settings: Settings<O>;
  readonly #output: HookOutput<CheckpointEvent>;
  #begin: BeginEvent | undefined;
  #writer: BackgroundWriter | undefined;
  #queue: SaveQueue<CausedSave> | undefined;
  readonly #schedule: Schedule<O>;
  readonly #metrics = new StepMetrics();
  #isDue = false;
  #committedStep: number | undefined;
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** Whether the run is going to fail, so that no further save is begun. */
  #isFailing = false;

  constructor(settings: Settings<O>, output: HookOutput<CheckpointEvent>) {
    this.#settings = settings;
    this.#schedule = new Schedule(settings.trigger);
    this.#output = output;
  }

  begin(event: BeginEvent): void {
    this.#begin = event;
    for (const listener of this.#settings.listeners) listener.subscribe?.();
    event.waitUntil(
      this.#settings.open().pipe(
        tap((writer) => {
          this.#writer = writer;
        }),
      ),
    );
  }

  sessionCreated(event: SessionCreatedEvent): void {
    const { globalStep, restored, coordinator, scheduler, logger } = event;
    this.#schedule.startFired(event);
    this.#metrics.clear();
    this.#queue?.close();
    this.#queue = new SaveQueue<CausedSave>({
      writer: this.#opened,
      retries: this.#settings.retries,
      scheduler,
      logger,
      stop$: coordinator.stop$,
      onCommitted: ({ taken }) => {
        this.#committedStep = taken.globalStep;
        this.#failures = 0;
      },
      onFailed: (save, error, isCommitted) => this.#failed(event, save.cause, error, isCommitted),
    });
    this.#isDue = false;
    this.#isFailing = false;
    this.#committedStep = undefined;
    event.waitUntil(
      concat(
        defer(() => this.#opened.startFrom(restored)),
        defer(() => {
          if (restored !== undefined && this.#opened.has(globalStep)) this.#committedStep = globalStep;
          return this.#request(event, 'sessionCreated');
        }),
      ),
    );
  }

  step(event: StepEvent<unknown, O>): void {
    // Never asleep: the metrics of the last step belong to the save at the end, and which is the last is not known.
    this.#metrics.see(event);
    const isNew = this.#schedule.isDueAt(event);
    if (isNew) this.#isDue = true;
    if (!this.#isDue) return;
    if (this.#failures > 0 && event.scheduler.now() < this.#retryAt) return;
    if (this.#settings.overlap === 'skip' && this.#queue?.isBusy === true) {
      if (isNew) event.waitUntil(this.#skip(event.globalStep, 'a save is going on'));
      return;
    }
    event.waitUntil(this.#request(event, 'trigger'));
  }

  hookEvent(event: HookEvent): void {
    this.#metrics.hear(event);
  }

  end(event: EndEvent): void {
    const idle = defer(() => this.#queue?.idle() ?? EMPTY);
    event.waitUntil(concat(idle, this.#request(event, 'end'), idle));
  }

  complete(): void {
    this.#close();
    for (const listener of this.#settings.listeners) listener.complete?.();
  }

  error(error: unknown): void {
    this.#close();
    for (const listener of this.#settings.listeners) listener.error?.(error);
  }

  teardown(): void {
    this.#close();
  }

  #close(): void {
    this.#schedule.stop();
    this.#queue?.close();
    this.#writer?.close();
  }

  get #opened(): BackgroundWriter {
    if (this.#writer === undefined) throw new Error('asyncCheckpointSaver: the saver was not opened');
    return this.#writer;
  }

  get #newPhases(): SavePhases {
    return new SavePhases({
      listeners: this.#settings.listeners,
      emit: (phase) => this.#output.emit(phase),
      requestStop: (reason) => this.#begin?.requestStop(reason),
    });
  }

  /** Holds the loop until the state at `event` is copied, unless it is on disk or on its way there. */
  #request(event: SavableEvent, cause: SaveCause): Observable<unknown> {
    const { globalStep, scheduler } = event;
    const startedAt = scheduler.now();
    const ready = this.#settings.overlap === 'wait' ? defer(() => this.#queue?.idle() ?? EMPTY) : EMPTY;
    return concat(
      ready,
      defer(() => {
        if (this.#isFailing) return EMPTY;
        if (this.#committedStep === globalStep || this.#queue?.has(globalStep) === true) {
          this.#isDue = false;
          return EMPTY;
        }
        const phases = this.#newPhases;
        return concat(
          phases.tell(new BeforeSaveEvent(phases, globalStep, cause)),
          defer(() => {
            const veto = this.#metrics.unfit ?? phases.veto;
            if (veto === undefined) return this.#copy(event, cause, phases, startedAt);
            this.#isDue ||= cause === 'sessionCreated';
            return phases.tell(new SaveSkippedEvent(phases, globalStep, veto));
          }),
        ).pipe(catchError((error: unknown) => this.#notCopied(event, cause, phases, error)));
      }),
    );
  }

  #copy(event: SavableEvent, cause: SaveCause, phases: SavePhases, startedAt: number): Observable<unknown> {
    const { globalStep, scheduler } = event;
    return event.captureState().pipe(
      take(1),
      concatMap((snapshot) =>
        // Its memory is what the new copy takes.
        concat(
          this.#queue?.supersede(globalStep) ?? EMPTY,
          defer(() => this.#opened.take(snapshot, this.#metrics.at(globalStep))),
        ),
      ),
      take(1),
      concatMap((taken: TakenSnapshot) => {
        this.#isDue = false;
        const stallSeconds = (scheduler.now() - startedAt) / 1000;
        this.#schedule.saved({ stallSeconds });
        const save = { taken, phases, startedAt, cause };
        return concat(
          phases
            .tell(new SnapshotTakenEvent(phases, globalStep, taken.sizeBytes, stallSeconds))
            .pipe(tap({ error: () => taken.release(), unsubscribe: () => taken.release() })),
          defer(() => {
            this.#enqueue(event, save);
            return EMPTY;
          }),
        );
      }),
    );
  }

  #enqueue({ coordinator }: SavableEvent, save: CausedSave): void {
    const queue = this.#queue as SaveQueue<CausedSave>;
    queue.add(save);
    // The session watches over it: it waits for what goes on when the run is over, and lets go of it in the end.
    if (!queue.isBusy) coordinator.register('checkpoint saves', queue.run());
  }

  #skip(globalStep: number, reason: string): Observable<unknown> {
    return defer(() => {
      const phases = this.#newPhases;
      return phases.tell(new SaveSkippedEvent(phases, globalStep, reason));
    });
  }

  /** What is done when a save fails before its state is copied: the loop is still held. */
  #notCopied(event: SavableEvent, cause: SaveCause, phases: SavePhases, error: unknown): Observable<unknown> {
    const { globalStep, logger } = event;
    logger.error({ err: error, globalStep }, 'save failed');
    const isFatal = this.#noteFailure(event, cause);
    return concat(
      phases.tell(new SaveFailedEvent(phases, globalStep, error)).pipe(
        catchError((further: unknown) => {
          logger.error({ err: further, globalStep }, 'a checkpoint listener failed when told of a failed save');
          return EMPTY;
        }),
      ),
      isFatal ? throwError(() => error) : EMPTY,
    );
  }

  /** What is done when a save fails beside the loop. */
  #failed(event: SessionCreatedEvent, cause: SaveCause, error: unknown, isCommitted: boolean): void {
    const isFatal = isCommitted ? this.#settings.failsRun : this.#noteFailure(event, cause);
    if (!isFatal) return;
    this.#isFailing = true;
    event.fail(error);
  }

  /** Keeps the save due; whether the run is to fail. */
  #noteFailure({ scheduler }: SavableEvent, cause: SaveCause): boolean {
    this.#isDue = true;
    const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (this.#failures - 1));
    this.#retryAt = this.#failures === 0 ? Number.NEGATIVE_INFINITY : scheduler.now() + delaySeconds * 1000;
    this.#failures++;
    // A run whose last state is not on disk did not succeed, whatever it may go on after.
    return this.#settings.failsRun || cause === 'end';
  }
}
