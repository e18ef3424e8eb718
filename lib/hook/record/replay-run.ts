import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { describeReceived } from '../../error/describe-received.js';
import { type Logger, silentLogger } from '../../log/logger.js';
import { Controls } from '../../session/controls.js';
import type { AnyEvent } from '../../session/event.js';
import { HookEvent } from '../../session/hook-event.js';
import { Moment } from '../../session/moment.js';
import type { SessionState } from '../../session/scaffold.js';
import { type ReadRunOptions, readRecordedRun } from './read-run.js';
import { ReplayClock } from './replay-clock.js';
import { replayedEvents, type TimedEvent } from './replayed-events.js';

export interface ReplayRunOptions extends ReadRunOptions {
  /**
   * How fast: `virtual` as fast as it goes, on a clock of its own that stands where it stood in the run, so that hooks
   * that count seconds act as they did; a number is that many times the speed at which it happened.
   *
   * @default 'virtual'
   */
  readonly pace?: 'virtual' | number | undefined;
  /** Which process's part of the run, counted from 0. @default the last */
  readonly process?: number | undefined;
  /** What a pace in numbers goes by. @default RxJS's asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** @default one that keeps quiet */
  readonly logger?: Logger | undefined;
}

const OPTIONS: OptionNames<ReplayRunOptions> = {
  fileSystem: true,
  processes: true,
  pace: true,
  process: true,
  scheduler: true,
  logger: true,
};

const SLICE_EVENTS = 20_000;

/**
 * A recorded run as a stream of events, through which any hook can be piped: begin, steps with the numbers that were
 * recorded, saves and what hooks said, and the error that it failed with. What was summed up is spread out evenly: each
 * step comes, and brings the numbers of the last step of its stretch. There is no state.
 *
 *     recorded              b-c-1-2-3-B-A-e-|
 *     replayRun(folder)     b-c-1-2-3-B-A-e-|
 *
 * Hooks act as in a session: they may hold, feed and ask; a failing hook fails the replay. A stop that is asked for ends
 * the replay. The replay of a run that was killed completes without `end`.
 *
 * @throws TypeError, RangeError for wrong arguments
 */
export function replayRun(folder: string, options: ReplayRunOptions = {}): Observable<AnyEvent> {
  checkOptions('replayRun(options)', options, OPTIONS);
  const { pace = 'virtual', process, scheduler = asyncScheduler, logger = silentLogger } = options;
  checkPath('replayRun(folder)', folder);
  if (pace !== 'virtual' && !(pace > 0 && pace < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `replayRun(pace): expected 'virtual' or a positive number, received ${describeReceived(pace)}`,
    );
  }
  return new Observable((subscriber) => {
    const { logs } = readRecordedRun(folder, { fileSystem: options.fileSystem, processes: options.processes });
    const log = logs.at(process ?? -1);
    if (log === undefined) {
      throw new RangeError(
        `replayRun(process): ${folder} has the events of ${logs.length} processes, not of ${process ?? 'any'}`,
      );
    }
    const clock = pace === 'virtual' ? new ReplayClock() : undefined;
    const controls = new Controls<SessionState, unknown>(logger, clock ?? scheduler, new Moment(), 60);
    const replay = new Replay(replayedEvents(log, controls), controls, clock, pace === 'virtual' ? 1 : pace, {
      next: (event) => subscriber.next(event),
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    subscriber.add(() => replay.cancel());
    replay.start();
  });
}

interface Target {
  next(event: AnyEvent): void;
  error(error: unknown): void;
  complete(): void;
}

class Replay {
  readonly #events: Iterator<TimedEvent>;
  readonly #controls: Controls<SessionState, unknown>;
  readonly #clock: ReplayClock | undefined;
  readonly #pace: number;
  readonly #target: Target;
  readonly #waiting = new Subscription();
  #startedAt = 0;
  #isOver = false;

  constructor(
    events: Iterator<TimedEvent>,
    controls: Controls<SessionState, unknown>,
    clock: ReplayClock | undefined,
    pace: number,
    target: Target,
  ) {
    this.#events = events;
    this.#controls = controls;
    this.#clock = clock;
    this.#pace = pace;
    this.#target = target;
  }

  start(): void {
    this.#startedAt = this.#controls.scheduler.now();
    this.#goOn();
  }

  cancel(): void {
    this.#isOver = true;
    this.#waiting.unsubscribe();
    this.#controls.coordinator.abandon();
  }

  /** Tells events until one has to be waited for. */
  #goOn(pending?: TimedEvent): void {
    let next = pending;
    for (let told = 0; !this.#isOver; told++) {
      next ??= this.#pull();
      if (next === undefined) return;
      const wait = this.#untilDue(next.at);
      if (wait > 0 || told > SLICE_EVENTS) {
        const event = next;
        const scheduler = this.#clock === undefined ? this.#controls.scheduler : asyncScheduler;
        this.#waiting.add(scheduler.schedule(() => this.#goOn(event), Math.max(0, wait)));
        return;
      }
      const isHeld = !this.#tell(next);
      next = undefined;
      if (isHeld) return;
    }
  }

  #pull(): TimedEvent | undefined {
    if (this.#controls.stopReason !== undefined) {
      this.#complete();
      return undefined;
    }
    const result = this.#events.next();
    if (result.done !== true) return result.value;
    this.#complete();
    return undefined;
  }

  #complete(): void {
    this.#isOver = true;
    this.#target.complete();
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.#target.error(error);
  }

  #untilDue(at: number): number {
    if (this.#clock !== undefined) {
      this.#clock.advanceTo(this.#startedAt + at);
      return 0;
    }
    return at / this.#pace - (this.#controls.scheduler.now() - this.#startedAt);
  }

  /** Whether the replay goes on at once. */
  #tell({ event, error }: TimedEvent): boolean {
    if (event === undefined) {
      this.#fail(error);
      return false;
    }
    const { moment, fetches } = this.#controls;
    moment.begin(event);
    this.#target.next(event);
    if (event.type === 'begin') fetches.freeze();
    if (this.#isOver) return false;
    if (!this.#controls.mustSettle) {
      this.#conclude(event);
      return true;
    }
    return this.#settle(event);
  }

  #settle(event: AnyEvent): boolean {
    let isAtOnce = true;
    let isDone = false;
    this.#waiting.add(
      this.#controls.settle().subscribe({
        error: (error: unknown) => this.#fail(error),
        complete: () => {
          isDone = true;
          this.#conclude(event);
          if (!isAtOnce) this.#goOn();
        },
      }),
    );
    // Work that waits for the replay's own clock waits for nobody else.
    while (!isDone && !this.#isOver && this.#clock?.advanceToNext() === true);
    isAtOnce = false;
    return isDone && !this.#isOver;
  }

  #conclude(event: AnyEvent): void {
    this.#controls.moment.end();
    if (event.type === 'step' && !HookEvent.is(event)) this.#controls.fetches.clear();
  }
}
