import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import type { Coordinator } from './coordinator.js';
import type { HookEvent } from './hook-event.js';
import { MOMENT } from './moment.js';
import type { RestoredFrom } from './restore-source.js';
import type { RunControl, TrackedPart } from './run-control.js';

/**
 * What a session tells its hooks, in the order in which it happens:
 *
 *     begin - sessionCreated - (beforeStep - step)* - end - |
 *
 * A run that fails ends with an error notification instead of `end`; a recovery comes as another `sessionCreated`.
 * Events are read-only. They act on the run by their methods alone, and only while it is their moment: from when they
 * are delivered until the work that holds them is done.
 *
 * @typeParam S the state that training changes
 * @typeParam O what the user's step returns
 */
export type SessionEvent<S = unknown, O = unknown> =
  | BeginEvent
  | SessionCreatedEvent<S>
  | BeforeStepEvent<S>
  | StepEvent<S, O>
  | EndEvent<S>;

/** Any event in a stream whose steps return (at least) `O`: those of the session, and those that hooks added. */
export type AnyEvent<O = unknown> = SessionEvent<unknown, O> | HookEvent;

// Two events are made for each step. That is why their fields are declared and then assigned, once: fields that are
// initialized, parameter properties and `#private` ones are each defined first, which took most of the time of a step.
const RUN = Symbol('run');

abstract class LifecycleEvent {
  abstract readonly type: SessionEvent['type'];
  declare [RUN]: RunControl;
  declare [MOMENT]: number;

  /**
   * Holds the loop: no further step is taken until `work` completes. Works are begun in the order in which they were
   * given, one after another, when all hooks have seen the event; an error of `work` fails the run.
   *
   * @throws EventPassedError if the event's moment is over
   */
  waitUntil(work: ObservableInput<unknown>): void {
    this[RUN].hold(this, work);
  }

  /** Asks for the run to end after this step. Recorded at once and for good; the first reason is told in `end`. */
  requestStop(reason: string): void {
    this[RUN].requestStop(reason);
  }

  /** Fails the run with `error`, or recovers it if the session was told to recover from such an error. */
  fail(error: unknown): void {
    this[RUN].fail(error);
  }

  /** The whole state as it is when subscribed to. REQUIRES: a state exists, and no step is being taken. */
  captureState(): Observable<StateSnapshot> {
    return this[RUN].captureState();
  }

  /** Watches over background work. */
  get coordinator(): Coordinator {
    return this[RUN].coordinator;
  }

  get logger(): Logger {
    return this[RUN].logger;
  }

  /** The session's clock and queue; what an operator uses if it was given none. */
  get scheduler(): SchedulerLike {
    return this[RUN].scheduler;
  }

  /** The run behind an event, for who drives hooks. */
  static runOf(event: LifecycleEvent): RunControl {
    return event[RUN];
  }
}

/** Once per run, before any state exists: the moment to register fetches and hook state. */
export class BeginEvent extends LifecycleEvent {
  readonly type = 'begin';

  constructor(run: RunControl) {
    super();
    this[RUN] = run;
    this[MOMENT] = 0;
  }

  /**
   * Registers a lazy value: `compute` is called at most once a step, and only on steps for which somebody asked. A
   * fetch without `compute` is one that the user's step provides.
   *
   * @throws FetchError if the name is taken or `begin` has passed
   */
  addFetch(name: string, compute?: FetchFunction): void {
    LifecycleEvent.runOf(this).addFetch(name, compute);
  }

  /**
   * Makes `part` a part of every checkpoint under `hook/<key>`. A restored run gives it its state before
   * `sessionCreated`.
   *
   * @throws RangeError if the key is taken
   */
  track(key: string, part: TrackedPart): void {
    LifecycleEvent.runOf(this).track(key, part);
  }
}

/** When the state is there, created or restored: at the start, and after every recovery. */
export class SessionCreatedEvent<S = unknown> extends LifecycleEvent {
  readonly type = 'sessionCreated';

  /**
   * @param attempt 1 at the start, one more after each recovery
   * @param restored the checkpoint whose state this is, or `undefined` if the state is fresh
   * @param error what the run recovered from, if it did
   */
  constructor(
    run: RunControl,
    readonly state: S,
    readonly globalStep: number,
    readonly attempt: number,
    readonly restored: RestoredFrom | undefined,
    readonly error: unknown,
  ) {
    super();
    this[RUN] = run;
    this[MOMENT] = 0;
  }
}

/** Before each step; `globalStep` is the number of steps taken so far. */
export class BeforeStepEvent<S = unknown> extends LifecycleEvent {
  declare readonly type: 'beforeStep';
  declare readonly state: S;
  declare readonly globalStep: number;

  constructor(run: RunControl, state: S, globalStep: number) {
    super();
    this[RUN] = run;
    this[MOMENT] = 0;
    this.type = 'beforeStep';
    this.state = state;
    this.globalStep = globalStep;
  }

  /**
   * Asks for fetches in this step, so that the user's step can provide those that it alone can compute.
   *
   * @throws FetchError if there is no such fetch
   */
  request(...fetches: readonly string[]): void {
    LifecycleEvent.runOf(this).request(this, fetches);
  }

  /**
   * Gives the user's step a value under `key`.
   *
   * @throws FeedConflictError if another hook feeds that key in this step
   */
  feed(key: string, value: unknown): void {
    LifecycleEvent.runOf(this).feed(this, key, value);
  }
}

/** After each successful step; `globalStep` counts this step. */
export class StepEvent<S = unknown, O = unknown> extends LifecycleEvent {
  declare readonly type: 'step';
  declare readonly state: S;
  declare readonly globalStep: number;
  declare readonly previousGlobalStep: number;
  declare readonly outputs: O;

  /**
   * @param previousGlobalStep the global step before it, which is lower by one unless the step advanced by more
   * @param outputs what the user's step returned
   */
  constructor(run: RunControl, state: S, globalStep: number, previousGlobalStep: number, outputs: O) {
    super();
    this[RUN] = run;
    this[MOMENT] = 0;
    this.type = 'step';
    this.state = state;
    this.globalStep = globalStep;
    this.previousGlobalStep = previousGlobalStep;
    this.outputs = outputs;
  }

  /**
   * The value of a fetch for this step, computed now if nobody has asked before.
   *
   * @throws FetchError if there is no such fetch, or it is one that the user's step did not provide
   */
  fetch(name: string): unknown {
    return LifecycleEvent.runOf(this).fetched(this, name);
  }
}

/** Once, after the last step of a run that did not fail. */
export class EndEvent<S = unknown> extends LifecycleEvent {
  readonly type = 'end';

  /**
   * @param cause what ended the run
   * @param reason the reason of the first stop request; `undefined` if the input was exhausted
   */
  constructor(
    run: RunControl,
    readonly state: S,
    readonly globalStep: number,
    readonly cause: 'inputExhausted' | 'stopRequested',
    readonly reason: string | undefined,
  ) {
    super();
    this[RUN] = run;
    this[MOMENT] = 0;
  }
}

/** Computes a fetch from the step that was just taken. */
export type FetchFunction = (step: StepEvent) => unknown;

/** The run behind an event, for who drives hooks. */
export function runOf(event: SessionEvent): RunControl {
  return LifecycleEvent.runOf(event);
}
