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
} from '../../checkpoint/checkpoint-event.js';
import type { CheckpointListener } from '../../checkpoint/checkpoint-listener.js';
import { SavePhases } from '../../checkpoint/save-phases.js';
import type { OpenSaver, Saver } from '../../checkpoint/saver.js';
import { isSaved } from '../../checkpoint/write-progress.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { Trigger } from '../../trigger/trigger.js';
import type { HookActions, HookOutput } from '../hook.js';
import { Schedule } from '../schedule.js';
import { SaveBackoff } from './save-backoff.js';
import { StepMetrics } from './step-metrics.js';

type SavableEvent = SessionCreatedEvent | StepEvent | EndEvent;

/** The options of a `checkpointSaver`, checked and complete. */
export interface SaverSettings<O> {
  readonly trigger: Trigger<O>;
  readonly listeners: readonly CheckpointListener[];
  readonly onFailure: 'failRun' | 'continue';
}

/** The saver in one run. */
export class ActiveCheckpointSaver<O> implements HookActions<O> {
  readonly #saver: Saver;
  readonly #settings: SaverSettings<O>;
  readonly #output: HookOutput<CheckpointEvent>;
  #phases: SavePhases | undefined;
  readonly #schedule: Schedule<O>;
  #open: OpenSaver | undefined;
  #isDue = false;
  #committedStep: number | undefined;
  readonly #metrics = new StepMetrics();
  readonly #backoff = new SaveBackoff();

  constructor(saver: Saver, settings: SaverSettings<O>, output: HookOutput<CheckpointEvent>) {
    this.#saver = saver;
    this.#settings = settings;
    this.#schedule = new Schedule(settings.trigger);
    this.#output = output;
  }

  begin(event: BeginEvent): void {
    const { listeners } = this.#settings;
    this.#phases = new SavePhases({
      listeners,
      emit: (phase) => this.#output.emit(phase),
      requestStop: (reason) => event.requestStop(reason),
      retention: this.#saver.retention,
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
    if (!this.#isDue || this.#backoff.isTooEarly(event.scheduler.now())) return;
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
        this.#backoff.succeeded();
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
      this.#backoff.failed(event.scheduler.now());
    }
    // A run whose last state is not on disk did not succeed, whatever it may go on after.
    const isFatal = this.#settings.onFailure === 'failRun' || (cause === 'end' && !isCommitted);
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
