import { Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { defaultLogger, type Logger } from '../log/logger.js';
import type { FetchFunction, SessionEvent } from './event.js';
import type { Input } from './input.js';
import { macrotaskScheduler } from './macrotask-scheduler.js';
import { checkInput } from './open-input.js';
import { type RecoverOptions, Recovery } from './recovery.js';
import type { RestoreSource } from './restore-source.js';
import { Run } from './run.js';
import type { Scaffold, SessionState } from './scaffold.js';
import type { StepContext } from './step-context.js';

export interface TrainingSessionOptions<S extends SessionState, T, O> {
  /** Makes the state of each run. */
  readonly scaffold: Scaffold<S>;
  /**
   * Takes one step: trains the state on the batch. Outputs are a value, or a promise or observable of one (of an
   * observable the last value counts). A synchronous step costs no promise.
   */
  readonly step: (context: StepContext<S, T>) => O | ObservableInput<O>;
  /** What to train on. Without it, steps get `undefined` and the run goes on until something asks it to stop. */
  readonly input?: Input<T> | undefined;
  /** Where the state comes from, if it is to be restored: at the start and at each recovery. */
  readonly restore?: RestoreSource | undefined;
  /** How to recover, or `false` to fail on every error. @default recover from `UnavailableError` and `AbortedError` */
  readonly recover?: RecoverOptions | false | undefined;
  /** Lazy values of a step by name, which hooks can ask for. */
  readonly fetches?: Readonly<Record<string, FetchFunction>> | undefined;
  /** Asks for a stop when it is aborted: the run ends in order, with `end` and the final save. */
  readonly signal?: AbortSignal | undefined;
  /** How long background work may take to finish when the run is over. @default 120 */
  readonly stopGraceSeconds?: number | undefined;
  /** The longest time that one piece of work may hold an event before the run fails. @default no limit */
  readonly holdLimitSeconds?: number | undefined;
  /** How long a save waits for a part of the state that is read asynchronously. @default 60 */
  readonly captureLimitSeconds?: number | undefined;
  /** How long steps run before timers, signals and sockets get their turn. @default 10 */
  readonly sliceMilliseconds?: number | undefined;
  /** @default pino on standard error */
  readonly logger?: Logger | undefined;
  /** Yields between slices and tells the time. @default one that yields by a macrotask and has a monotonic clock */
  readonly scheduler?: SchedulerLike | undefined;
}

/** What {@link trainingSession} knows. */
export const TRAINING_SESSION_OPTIONS: OptionNames<TrainingSessionOptions<never, never, never>> = {
  scaffold: true,
  step: true,
  input: true,
  restore: true,
  recover: true,
  fetches: true,
  signal: true,
  stopGraceSeconds: true,
  holdLimitSeconds: true,
  captureLimitSeconds: true,
  sliceMilliseconds: true,
  logger: true,
  scheduler: true,
};

/**
 * A training session as a stream of lifecycle events. Cold: every subscription is a run of its own, from its own fresh
 * (or restored) state.
 *
 *     begin - sessionCreated - (beforeStep - step)* - end - |
 *
 * The run ends when its input is exhausted or somebody asked it to stop; then comes `end`, and completion when all that
 * holds `end` is done. It fails with an error notification, without `end`, when the step, the input, a hook or
 * background work fails with an error that it does not recover from. Unsubscribing cancels it: no event comes any more,
 * and work in flight is let go.
 *
 * | what happens                              | `end`? | then     |
 * |-------------------------------------------|--------|----------|
 * | input exhausted, stop requested, signal   | yes    | complete |
 * | error, and no recovery (left)             | no     | error    |
 * | unsubscribed                              | no     | nothing  |
 *
 * @throws TypeError, RangeError for wrong options, at once
 */
export function trainingSession<S extends SessionState, T = undefined, O = void>(
  options: TrainingSessionOptions<S, T, O>,
): Observable<SessionEvent<S, O>> {
  checkOptions('trainingSession(options)', options, TRAINING_SESSION_OPTIONS);
  return makeSession(options);
}

/** As {@link trainingSession}, of options that have checked names, among them perhaps some of others. */
export function makeSession<S extends SessionState, T, O>(
  options: TrainingSessionOptions<S, T, O>,
): Observable<SessionEvent<S, O>> {
  const {
    scaffold,
    step,
    input,
    restore,
    recover,
    fetches = {},
    signal,
    stopGraceSeconds = 120,
    holdLimitSeconds,
    captureLimitSeconds = 60,
    sliceMilliseconds = 10,
    logger,
    scheduler = macrotaskScheduler,
  } = options;
  checkMethods('trainingSession(scaffold)', 'an object with create()', scaffold, ['create']);
  if (typeof step !== 'function') {
    throw new TypeError(`trainingSession(step): expected a function, received ${describeReceived(step)}`);
  }
  checkInput(input);
  if (restore !== undefined) {
    checkMethods('trainingSession(restore)', 'a source such as latestFrom(store)', restore, ['load']);
  }
  checkFetches(fetches);
  if (signal !== undefined) {
    checkMethods('trainingSession(signal)', 'an AbortSignal', signal, ['addEventListener', 'removeEventListener']);
  }
  if (logger !== undefined) {
    const expected = 'a logger with debug(), info(), warn() and error()';
    checkMethods('trainingSession(logger)', expected, logger, ['debug', 'info', 'warn', 'error']);
  }
  checkMethods('trainingSession(scheduler)', 'a scheduler of RxJS', scheduler, ['now', 'schedule']);
  for (const [name, value] of Object.entries({
    stopGraceSeconds,
    sliceMilliseconds,
    holdLimitSeconds: holdLimitSeconds ?? 0,
    captureLimitSeconds,
  })) {
    if (!(value >= 0)) {
      throw new RangeError(`trainingSession(${name}): expected a number from 0, received ${describeReceived(value)}`);
    }
  }
  const makeRecovery = (): Recovery | undefined => (recover === false ? undefined : new Recovery(recover));
  makeRecovery();

  return new Observable((subscriber) => {
    const run = new Run<S, T, O>(subscriber, {
      scaffold,
      step,
      input,
      restore,
      recovery: makeRecovery(),
      fetches,
      signal,
      stopGraceSeconds,
      holdLimitSeconds,
      captureLimitSeconds,
      sliceMilliseconds,
      logger: guardedLogger(logger ?? defaultLogger()),
      scheduler,
    });
    // In a turn of its own: subscribers can come together, as with `share()`, and hold the subscription they may end.
    subscriber.add(scheduler.schedule(() => run.start()));
    subscriber.add(() => run.cancel());
  });
}

function checkFetches(fetches: unknown): void {
  if (typeof fetches !== 'object' || fetches === null) {
    throw new TypeError(`trainingSession(fetches): expected functions by name, received ${describeReceived(fetches)}`);
  }
  for (const [name, fetch] of Object.entries(fetches)) {
    if (typeof fetch === 'function') continue;
    throw new TypeError(`trainingSession(fetches): expected a function "${name}", received ${describeReceived(fetch)}`);
  }
}
