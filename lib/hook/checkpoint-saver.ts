import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  type Observable,
  take,
  tap,
  throwError,
  throwIfEmpty,
} from 'rxjs';
import {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointDeletedEvent,
  type CheckpointEvent,
  type SaveCause,
  SaveFailedEvent,
  SaveSkippedEvent,
} from '../checkpoint/checkpoint-event.js';
import type { CheckpointListener } from '../checkpoint/checkpoint-listener.js';
import { SavePhases } from '../checkpoint/save-phases.js';
import type { OpenSaver, Saver } from '../checkpoint/saver.js';
import { isSaved } from '../checkpoint/write-progress.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../session/event.js';
import type { HookEvent } from '../session/hook-event.js';
import type { Trigger } from '../trigger/trigger.js';
import { checkSaverOptions } from './check-saver-options.js';
import { type Hook, type HookActions, type HookOutput, hook } from './hook.js';
import { Schedule } from './schedule.js';
import { StepMetrics } from './step-metrics.js';

export interface CheckpointSaverOptions<O = unknown> {
  /** On which steps to save, besides at the creation of the session and at its end. */
  readonly trigger: Trigger<O>;
  /** Told of each phase of each save, in this order; each may hold, veto, or ask for a stop. */
  readonly listeners?: readonly CheckpointListener[] | undefined;
  /**
   * What a failed save does: fail the run, or be told (`saveFailed`, and the log) while the run goes on and the save
   * stays due. An error of a listener counts as one.
   *
   * @default 'failRun'
   */
  readonly onFailure?: 'failRun' | 'continue' | undefined;
}

const ON_FAILURE: readonly unknown[] = ['failRun', 'continue'];
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 60;

/**
 * Saves at the creation of the session if the state is not on disk already, at each firing of the trigger, and at the
 * end if the last step is not on disk; adds the phases of each save to the stream.
 *
 *     source                                b-c------1-2------3-e------|
 *     checkpointSaver(s, { trigger })       b-c-B--A-1-2-B--A-3-e-B--A-|     trigger: everySteps(2)
 *
 * The loop is held for the whole save, which begins when all hooks have seen the event: so their changes of the step
 * are in it. A step that was committed is not saved twice; a save that failed or was vetoed stays due.
 *
 * A trigger that counts from its last firing counts from the save at the creation: `everySeconds` does not save again at
 * the first step.
 *
 * A checkpoint's metrics are the numbers that its step returned, and what earlier hooks measured at it as
 * `<source>/<name>`. While an earlier hook says that the state is unfit, saves are skipped.
 *
 * @throws TypeError, RangeError for wrong options
 */
export function checkpointSaver<O = unknown>(
  saver: Saver,
  { trigger, listeners = [], onFailure = 'failRun' }: CheckpointSaverOptions<O>,
): Hook<CheckpointEvent, O> {
  checkSaverOptions('checkpointSaver', { saver, trigger, listeners });
  if (!ON_FAILURE.includes(onFailure)) {
    throw new RangeError(`checkpointSaver(onFailure): expected 'failRun' or 'continue', received '${onFailure}'`);
  }
  return hook('checkpointSaver', (output) => new ActiveSaver(saver, { trigger, listeners, onFailure }, output));
}

type SavableEvent = SessionCreatedEvent | StepEvent | EndEvent;

type SaverOptions<O> = {
  readonly [Name in keyof CheckpointSaverOptions<O>]-?: NonNullable<CheckpointSaverOptions<O>[Name]>;
};

/** The saver in one run. */
class ActiveSaver<O> implements HookActions<O> {
  readonly #saver: Saver;
  readonly #options: SaverOptions<O>;
  readonly #output: HookOutput<CheckpointEvent>;
  #phases: SavePhases | undefined;
  readonly #schedule: Schedule<O>;
  #open: OpenSaver | undefined;
  #isDue = false;
  #committedStep: number | undefined;
  readonly #metrics = new StepMetrics();
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(saver: Saver, options: SaverOptions<O>, output: HookOutput<CheckpointEvent>) {
    this.#saver = saver;
    this.#options = options;
    this.#schedule = new Schedule(options.trigger);
    this.#output = output;
  }

  begin(event: BeginEvent): void {
    const { listeners } = this.#options;
    this.#phases = new SavePhases({
      listeners,
      emit: (phase) => this.#output.emit(phase),
      requestStop: (reason) => event.requestStop(reason),
    });
    for (const listener of listeners) listener.subscribe?.();
    event.waitUntil(
      this.#saver.open().pipe(
        tap((open) => {
          this.#open = open;
        }),
      ),
    );
  }

  sessionCreated(event: SessionCreatedEvent): void {
    const { globalStep, restored } = event;
    this.#schedule.stop();
    this.#isDue = false;
    this.#committedStep = undefined;
    this.#metrics.clear();
    event.waitUntil(
      concat(
        defer(() => this.#opened.startFrom(restored)),
        defer(() => {
          if (restored !== undefined && this.#opened.has(globalStep)) this.#committedStep = globalStep;
          return this.#save(event, 'sessionCreated');
        }),
        // Time counts from here, not from when the save began.
        defer(() => {
          this.#schedule.startFired(event);
          return EMPTY;
        }),
      ),
    );
  }

  step(event: StepEvent<unknown, O>): void {
    // Never asleep: the metrics of the last step belong to the save at the end, and which is the last is not known.
    this.#metrics.see(event);
    if (this.#schedule.isDueAt(event)) this.#isDue = true;
    if (!this.#isDue || (this.#failures > 0 && event.scheduler.now() < this.#retryAt)) return;
    event.waitUntil(this.#save(event, 'trigger'));
  }

  end(event: EndEvent): void {
    event.waitUntil(this.#save(event, 'end'));
  }

  hookEvent(event: HookEvent): void {
    this.#metrics.hear(event);
  }

  complete(): void {
    this.#close();
    for (const listener of this.#options.listeners) listener.complete?.();
  }

  error(error: unknown): void {
    this.#close();
    for (const listener of this.#options.listeners) listener.error?.(error);
  }

  teardown(): void {
    this.#close();
  }

  #close(): void {
    this.#schedule.stop();
    this.#open?.close();
  }

  get #opened(): OpenSaver {
    if (this.#open === undefined) throw new Error(`the saver to ${this.#saver.location} was not opened`);
    return this.#open;
  }

  /** Saves the state at `event`, unless it is on disk; all that happens is told. */
  #save(event: SavableEvent, cause: SaveCause): Observable<unknown> {
    return defer(() => {
      const { globalStep } = event;
      const phases = this.#phases as SavePhases;
      if (this.#committedStep === globalStep) {
        this.#isDue = false;
        return EMPTY;
      }
      const startedAt = event.scheduler.now();
      return concat(
        phases.tell(new BeforeSaveEvent(phases, globalStep, cause)),
        defer(() => {
          const veto = this.#metrics.unfit ?? phases.veto;
          if (veto === undefined) return this.#write(event, phases, startedAt);
          this.#isDue ||= cause === 'sessionCreated';
          return phases.tell(new SaveSkippedEvent(phases, globalStep, veto));
        }),
      ).pipe(
        catchError((error: unknown) => this.#failed(event, cause, phases, error)),
        tap({ complete: () => this.#schedule.saved({ stallSeconds: (event.scheduler.now() - startedAt) / 1000 }) }),
      );
    });
  }

  #write(event: SavableEvent, phases: SavePhases, startedAt: number): Observable<unknown> {
    const { globalStep } = event;
    return event.captureState().pipe(
      concatMap((snapshot) => this.#opened.save(snapshot, this.#metrics.at(globalStep))),
      // The loop is held, so nobody could look at the progress while it matters.
      filter(isSaved),
      take(1),
      throwIfEmpty(() => new Error('the saver completed without a checkpoint')),
      concatMap((checkpoint) => {
        this.#committedStep = globalStep;
        this.#isDue = false;
        this.#failures = 0;
        const seconds = (event.scheduler.now() - startedAt) / 1000;
        return concat(
          phases.tell(new AfterSaveEvent(phases, globalStep, checkpoint, seconds)),
          this.#retain(event, phases),
        );
      }),
    );
  }

  #retain(event: SavableEvent, phases: SavePhases): Observable<unknown> {
    return defer(() => this.#opened.retain()).pipe(
      concatMap((checkpoint) => phases.tell(new CheckpointDeletedEvent(phases, event.globalStep, checkpoint))),
      catchError((error: unknown) => {
        // What could not be deleted is only superfluous, and is tried again after the next save.
        event.logger.warn({ err: error }, `old checkpoints could not be deleted from ${this.#saver.location}`);
        return EMPTY;
      }),
    );
  }

  #failed(event: SavableEvent, cause: SaveCause, phases: SavePhases, error: unknown): Observable<unknown> {
    const { globalStep } = event;
    const isCommitted = this.#committedStep === globalStep;
    event.logger.error({ err: error, globalStep }, isCommitted ? 'a checkpoint listener failed' : 'save failed');
    const told = isCommitted ? EMPTY : phases.tell(new SaveFailedEvent(phases, globalStep, error));
    if (!isCommitted) {
      this.#isDue = true;
      const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (this.#failures - 1));
      this.#retryAt = this.#failures === 0 ? Number.NEGATIVE_INFINITY : event.scheduler.now() + delaySeconds * 1000;
      this.#failures++;
    }
    // A run whose last state is not on disk did not succeed, whatever it may go on after.
    const isFatal = this.#options.onFailure === 'failRun' || (cause === 'end' && !isCommitted);
    return concat(
      told.pipe(
        catchError((further: unknown) => {
          event.logger.error({ err: further, globalStep }, 'a checkpoint listener failed when told of a failed save');
          return EMPTY;
        }),
      ),
      isFatal ? throwError(() => error) : EMPTY,
    );
  }
}
