import { type Subscription, timer } from 'rxjs';
import { toMilliseconds } from '../../trigger/to-milliseconds.js';
import { type Hook, hook } from '../hook.js';

/**
 * Asks for a stop when the run has lasted for `seconds`, from `begin` on: the step that is being taken then is the last.
 *
 *     source                    b-c-1-2-3-4-…
 *     stopAfterSeconds(0.007)   b-c-1-2-3-e-|       a character is a millisecond
 *
 * Time passes on the session's scheduler, by a timer: a step costs nothing for it, and no clock is read. A run of
 * synchronous steps hears of it when it yields, which is up to a slice (10 ms) late.
 *
 * @param seconds above 0
 * @throws RangeError if `seconds` is not above 0, or more than a timer can wait (24.8 days)
 * @see TensorFlow Estimator, hooks.py, StopAtSecsHook
 */
export function stopAfterSeconds(seconds: number): Hook {
  const milliseconds = toMilliseconds('stopAfterSeconds(seconds)', seconds);
  return hook('stopAfterSeconds', () => {
    let timeout: Subscription | undefined;
    return {
      begin(event) {
        timeout = timer(milliseconds, event.scheduler).subscribe(() =>
          event.requestStop(`the run has lasted for ${seconds} s`),
        );
      },
      teardown: () => timeout?.unsubscribe(),
    };
  });
}
