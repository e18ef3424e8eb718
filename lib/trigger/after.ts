import { expectTriggers } from './expect-triggers.js';
import { expectWholeNumber } from './expect-whole-number.js';
import { showOnly } from './show-only.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Shows `trigger` only the steps above `globalStep`, so what it counts begins there. Without a trigger, every step
 * above `globalStep` fires. What fires between two steps counts for the next step above `globalStep`.
 *
 *     steps                           -1-2-3-4-5-6-|
 *     after(3)                        -------4-5-6-|
 *     after(3, everySteps(2))         -------4---6-|
 *     after(3, bufferCount(2))        ---------5---|
 *
 * @param globalStep a whole number from 0
 * @throws RangeError if it is none
 * @see until
 */
export function after<O = unknown>(globalStep: number, trigger?: Trigger<O>): StepTrigger<O> {
  expectWholeNumber('after(globalStep)', globalStep, 0);
  if (trigger !== undefined) expectTriggers('after(trigger)', [trigger]);
  return Object.assign(
    showOnly((step) => step.globalStep > globalStep, trigger),
    { nextStep: (step: number) => Math.max(globalStep + 1, trigger?.nextStep?.(step) ?? 0) },
  );
}
