import { asyncScheduler, defer, filter, type Observable, type SchedulerLike, tap } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import { throttleFrom } from './throttle-from.js';
import { toMilliseconds } from './to-milliseconds.js';
import type { StepTrigger } from './trigger.js';

/**
 * Fires at the first step, then at the first step after `seconds` have passed since the last firing; never twice for
 * the same global step.
 *
 *     steps                -1-2-3-4-5-6-7-|
 *     everySeconds(0.005)  -1-----4-----7-|       a character is a millisecond
 *
 * Time passes on the scheduler, where a timer opens the gate. The clock is never read, so it costs next to nothing at
 * each step, and a wall clock that is set forth or back changes nothing. A timer gets its turn only when the loop
 * yields, so a run of synchronous steps fires up to a slice (10 ms) late.
 *
 * @param seconds above 0
 * @param scheduler whose time counts; the default keeps time by timers, which are monotonic
 * @throws RangeError if `seconds` is not above 0, or more than a timer can wait (24.8 days)
 */
export function everySeconds(seconds: number, scheduler: SchedulerLike = asyncScheduler): StepTrigger {
  return sinceLastFiring(toMilliseconds('everySeconds(seconds)', seconds), scheduler, undefined);
}

/** @param firedAt the global step at which it fired when it is subscribed to, if it did */
function sinceLastFiring(milliseconds: number, scheduler: SchedulerLike, firedAt: number | undefined): StepTrigger {
  const trigger = <E extends StepEvent>(steps: Observable<E>): Observable<E> =>
    defer(() => {
      let lastFired = firedAt;
      return steps.pipe(
        filter(({ globalStep }) => globalStep !== lastFired),
        throttleFrom(firedAt !== undefined, milliseconds, scheduler),
        tap(({ globalStep }) => {
          lastFired = globalStep;
        }),
      );
    });
  return Object.assign(trigger, {
    begunAt: (globalStep: number) => sinceLastFiring(milliseconds, scheduler, globalStep),
  });
}
