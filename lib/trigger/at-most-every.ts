import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { beginAt } from './begin-at.js';
import { expectTriggers } from './expect-triggers.js';
import { throttleFrom } from './throttle-from.js';
import { toMilliseconds } from './to-milliseconds.js';
import type { Trigger } from './trigger.js';

/**
 * Lets a firing of `trigger` through if at least `seconds` have passed since the last one that it let through. The
 * others are dropped, not put off.
 *
 *     steps                                -1-2-3-4-5-6-7-8-|
 *     everySteps(2)                        ---2---4---6---8-|
 *     atMostEvery(0.005, everySteps(2))    ---2-------6-----|       a character is a millisecond
 *
 * @param seconds above 0
 * @param scheduler whose time counts; the default keeps time by timers, which are monotonic
 * @throws RangeError if `seconds` is not above 0, or more than a timer can wait (24.8 days)
 */
export function atMostEvery<O = unknown>(
  seconds: number,
  trigger: Trigger<O>,
  scheduler: SchedulerLike = asyncScheduler,
): Trigger<O> {
  const milliseconds = toMilliseconds('atMostEvery(seconds)', seconds);
  expectTriggers('atMostEvery(trigger)', [trigger]);
  return throttled(trigger, false, milliseconds, scheduler);
}

function throttled<O>(
  trigger: Trigger<O>,
  hasFired: boolean,
  milliseconds: number,
  scheduler: SchedulerLike,
): Trigger<O> {
  const { nextStep } = trigger;
  return Object.assign<Trigger<O>, Pick<Trigger<O>, 'nextStep' | 'begunAt'>>(
    (steps, saves) => trigger(steps, saves).pipe(throttleFrom(hasFired, milliseconds, scheduler)),
    {
      ...(nextStep === undefined ? {} : { nextStep }),
      begunAt: (globalStep) => throttled(beginAt(trigger, globalStep), true, milliseconds, scheduler),
    },
  );
}
