import { catchError, concat, concatMap, defer, EMPTY, type Observable, take, tap, throwError } from 'rxjs';
import type { BackgroundWriter, TakenSnapshot } from '../../checkpoint/background/background-writer.js';
import { type QueuedSave, SaveQueue } from '../../checkpoint/background/save-queue.js';
import {
  BeforeSaveEvent,
  type CheckpointEvent,
  type SaveCause,
  SaveFailedEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../checkpoint/checkpoint-event.js';
import { SavePhases } from '../../checkpoint/save-phases.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { HookActions, HookOutput } from '../hook.js';
import { Schedule } from '../schedule.js';
import type { AsyncSaverSettings } from './async-saver-settings.js';
import { SaveBackoff } from './save-backoff.js';
import { StepMetrics } from './step-metrics.js';

type SavableEvent = SessionCreatedEvent | StepEvent | EndEvent;

interface CausedSave extends QueuedSave {
  readonly cause: SaveCause;
}

/** The saver in one run. */
export class ActiveAsyncSaver<O> implements HookActions<O> {
  readonly #settings: AsyncSaverSettings<O>;
  readonly #output: HookOutput<CheckpointEvent>;
  #begin: BeginEvent | undefined;
  #writer: BackgroundWriter | undefined;
  #queue: SaveQueue<CausedSave> | undefined;
  readonly #schedule: Schedule<O>;
  readonly #metrics = new StepMetrics();
  #isDue = false;
  #committedStep: number | undefined;
  readonly #backoff = new SaveBackoff();
  /** Whether the run is going to fail, so that no further save is begun. */
  #isFailing = false;

  constructor(settings: AsyncSaverSettings<O>, output: HookOutput<CheckpointEvent>) {
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
        this.#backoff.succeeded();
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
          if (restored === undefined || !this.#opened.has(globalStep)) return this.#request(event, 'sessionCreated');
          this.#committedStep = globalStep;
          return this.#prepare(event);
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
    if (this.#backoff.isTooEarly(event.scheduler.now())) return;
    if (this.#settings.overlap === 'skip' && this.#queue?.isBusy === true) {
      const phases = this.#newPhases;
      if (isNew) event.waitUntil(phases.tell(new SaveSkippedEvent(phases, event.globalStep, 'a save is going on')));
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
      retention: this.#settings.retention,
    });
  }

  /** Makes memory ready for the first copy; what hinders that is told by the first save. */
  #prepare(event: SessionCreatedEvent): Observable<unknown> {
    return event.captureState().pipe(
      tap((snapshot) => this.#opened.prepare(snapshot)),
      catchError((error: unknown) => {
        event.logger.debug({ err: error }, 'memory for the first save could not be made ready');
        return EMPTY;
      }),
    );
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
    this.#backoff.failed(scheduler.now());
    // A run whose last state is not on disk did not succeed, whatever it may go on after.
    return this.#settings.failsRun || cause === 'end';
  }
}
