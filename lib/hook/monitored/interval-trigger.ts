import { auditTime, type SchedulerLike } from 'rxjs';
import { describeReceived } from '../../error/describe-received.js';
import { anyOf } from '../../trigger/any-of.js';
import { everySeconds } from '../../trigger/every-seconds.js';
import { everySteps } from '../../trigger/every-steps.js';
import { never } from '../../trigger/never.js';
import type { Trigger } from '../../trigger/trigger.js';

/** An interval in steps and one in seconds, as they were given: `undefined` is not given, `null` and 0 are off. */
export interface GivenIntervals {
  readonly steps: number | null | undefined;
  readonly seconds: number | null | undefined;
}

/**
 * What a pair of intervals comes to.
 *
 *     steps              seconds            result
 *     not given          not given          the default of the pair
 *     n                  not given, off     every n steps
 *     not given, off     s                  every s seconds
 *     n                  s                  whichever comes first
 *     not given          off                the default, if it is in steps, else never
 *     off                not given          the default, if it is in seconds, else never
 *     off                off                `undefined`: nothing is to be installed
 *
 * Seconds count from the last firing; the first one is at the first step, or `seconds` after it where something was done
 * at the creation of the session already.
 *
 * @param what for messages, e.g. `saveCheckpoint`
 * @throws RangeError for an interval below 0
 */
export function intervalTrigger(
  what: string,
  { steps, seconds }: GivenIntervals,
  defaults: { readonly steps?: number; readonly seconds?: number; readonly isDoneAtCreation?: boolean },
  scheduler?: SchedulerLike,
): Trigger | undefined {
  for (const [name, value] of Object.entries({ Steps: steps ?? 0, Seconds: seconds ?? 0 })) {
    if (!(value >= 0)) {
      const expected = 'expected a number from 0, or null';
      throw new RangeError(
        `monitoredTrainingSession(${what}${name}): ${expected}, received ${describeReceived(value)}`,
      );
    }
  }
  if (isOff(steps) && isOff(seconds)) return undefined;
  const everyN = steps ?? (seconds === undefined || isOff(seconds) ? defaults.steps : 0) ?? 0;
  const everyS = seconds ?? (steps === undefined || isOff(steps) ? defaults.seconds : 0) ?? 0;
  const triggers: Trigger[] = [
    ...(everyN > 0 && steps !== null ? [everySteps(everyN)] : []),
    ...(everyS > 0 && seconds !== null
      ? [defaults.isDoneAtCreation === true ? auditTime(everyS * 1000, scheduler) : everySeconds(everyS, scheduler)]
      : []),
  ];
  const [first = never()] = triggers;
  return triggers.length === 2 ? anyOf(...triggers) : first;
}

function isOff(interval: number | null | undefined): boolean {
  return interval === null || interval === 0;
}
