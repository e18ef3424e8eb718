import {
  defer,
  EMPTY,
  from,
  fromEvent,
  type Observable,
  type ObservableInput,
  of,
  repeat,
  takeLast,
  takeUntil,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { SessionCreatedEvent } from '../session/event.js';
import { isPending } from '../session/is-pending.js';
import { expectWholeNumber } from '../trigger/expect-whole-number.js';
import { toMilliseconds } from '../trigger/to-milliseconds.js';
import { type Hook, hook } from './hook.js';

export interface GlobalStepWaiterOptions {
  /** How long to wait before looking again. @default 0.5 */
  readonly pollSeconds?: number | undefined;
  /** Ends the waiting when it is aborted: give it the one that the session has, or a stop waits as well. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionNames<GlobalStepWaiterOptions> = { pollSeconds: true, signal: true };

const STEPS_BETWEEN_LOGS = 1000;

/**
 * Holds the first step until training elsewhere has reached a global step, for workers that are to start one after
 * another. It waits once: not again after a recovery.
 *
 *     read()                         0   600  1100
 *     globalStepWaiter(1000, read)   b-c-----------A-1-B-2-…
 *
 * @param globalStep to wait for; with 0 it does not wait
 * @param read tells how far training is, e.g. the step of the chief's newest checkpoint; its error fails the run
 * @throws TypeError, RangeError for wrong arguments
 * @see TensorFlow, basic_session_run_hooks.py, GlobalStepWaiterHook
 */
export function globalStepWaiter(
  globalStep: number,
  read: () => number | ObservableInput<number>,
  options: GlobalStepWaiterOptions = {},
): Hook {
  checkOptions('globalStepWaiter(options)', options, OPTIONS);
  const { pollSeconds = 0.5, signal } = options;
  expectWholeNumber('globalStepWaiter(globalStep)', globalStep, 0);
  checkFunction('globalStepWaiter(read)', read);
  const pollMilliseconds = toMilliseconds('globalStepWaiter(pollSeconds)', pollSeconds);

  const wait = ({ scheduler, logger }: SessionCreatedEvent): Observable<unknown> =>
    defer(() => {
      let logged: number | undefined;
      return defer(() => look(read)).pipe(
        repeat({ delay: () => timer(pollMilliseconds, scheduler) }),
        takeWhile((reached) => reached < globalStep),
        tap((reached) => {
          if (logged !== undefined && reached - logged <= STEPS_BETWEEN_LOGS) return;
          logged = reached;
          logger.info({ reached }, `waiting for global step ${globalStep} before the first step; it is ${reached}`);
        }),
      );
    });

  return hook('globalStepWaiter', () => {
    let hasWaited = globalStep === 0;
    return {
      sessionCreated(event) {
        if (hasWaited || signal?.aborted) return;
        event.waitUntil(
          wait(event).pipe(
            takeUntil(signal === undefined ? EMPTY : fromEvent(signal, 'abort')),
            tap({
              complete: () => {
                hasWaited = true;
              },
            }),
          ),
        );
      },
    };
  });
}

function look(read: () => number | ObservableInput<number>): Observable<number> {
  const reached = read();
  return isPending(reached) ? from(reached).pipe(takeLast(1)) : of(reached as number);
}
