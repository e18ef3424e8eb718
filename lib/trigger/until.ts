import { expectTriggers } from './expect-triggers.js';
import { expectWholeNumber } from './expect-whole-number.js';
import { showOnly } from './show-only.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Shows `trigger` only the steps up to `globalStep`, that one included. Without a trigger, every step up to
 * `globalStep` fires.
 *
 *     steps                     -1-2-3-4-5-6-|
 *     until(3)                  -1-2-3-------|
 *     until(4, everySteps(2))   ---2---4-----|
 *
 * @param globalStep a whole number from 0
 * @throws RangeError if it is none
 * @see after
 */
export function until<O = unknown>(globalStep: number, trigger?: Trigger<O>): StepTrigger<O> {
  expectWholeNumber('until(globalStep)', globalStep, 0);
  if (trigger !== undefined) expectTriggers('until(trigger)', [trigger]);
  return Object.assign(
    // No takeWhile: a recovery may go back below `globalStep`.
    showOnly((step) => step.globalStep <= globalStep, trigger),
    {
      nextStep: (step: number) => {
        const next = trigger?.nextStep?.(step) ?? 0;
        return Math.max(step, next) > globalStep ? Number.POSITIVE_INFINITY : next;
      },
    },
  );
}
