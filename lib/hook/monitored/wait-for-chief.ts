import {
  asyncScheduler,
  concatMap,
  defaultIfEmpty,
  defer,
  type Observable,
  of,
  type SchedulerLike,
  take,
  timer,
} from 'rxjs';
import { checkMethods } from '../../error/check-methods.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { DeadlineExceededError } from '../../error/deadline-exceeded-error.js';
import { describeReceived } from '../../error/describe-received.js';
import type { RestoredCheckpoint, RestoreSource } from '../../session/restore-source.js';

export interface WaitForChiefOptions {
  /** How long to wait for the first checkpoint. @default 7200 */
  readonly maxWaitSeconds?: number | undefined;
  /** The time from one look to the next; above 0. @default 30 */
  readonly pollSeconds?: number | undefined;
  /** Whose time that is. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

const OPTIONS: OptionNames<WaitForChiefOptions> = { maxWaitSeconds: true, pollSeconds: true, scheduler: true };

/**
 * Makes a worker wait until the chief has saved its state, and start from it: it looks at once, then at every poll
 * that begins within the time. A worker never initializes on its own.
 *
 * @returns a source that fails with a DeadlineExceededError if there is nothing in time
 * @throws RangeError for wrong options
 * @see TensorFlow, session_manager.py, SessionManager.wait_for_session
 */
export function waitForChief(source: RestoreSource, options: WaitForChiefOptions = {}): RestoreSource {
  checkMethods('waitForChief(source)', 'a source such as latestFrom(store)', source, ['load']);
  checkOptions('waitForChief(options)', options, OPTIONS);
  const { maxWaitSeconds = 7200, pollSeconds = 30, scheduler = asyncScheduler } = options;
  if (!(maxWaitSeconds >= 0)) {
    throw new RangeError(
      `waitForChief(maxWaitSeconds): expected a number from 0, received ${describeReceived(maxWaitSeconds)}`,
    );
  }
  if (!(pollSeconds > 0)) {
    throw new RangeError(
      `waitForChief(pollSeconds): expected a number above 0, received ${describeReceived(pollSeconds)}`,
    );
  }
  const look = (deadline: number): Observable<RestoredCheckpoint> =>
    defer(() => source.load()).pipe(
      take(1),
      defaultIfEmpty(undefined),
      concatMap((checkpoint) => {
        if (checkpoint !== undefined) return of(checkpoint);
        if (scheduler.now() + pollSeconds * 1000 > deadline) {
          throw new DeadlineExceededError('a checkpoint of the chief', maxWaitSeconds);
        }
        return timer(pollSeconds * 1000, scheduler).pipe(concatMap(() => look(deadline)));
      }),
    );
  return { load: () => defer(() => look(scheduler.now() + maxWaitSeconds * 1000)) };
}
