import { beginAt } from './begin-at.js';
import { combineTriggers } from './combine-triggers.js';
import { earliestOf } from './earliest-of.js';
import { expectTriggers } from './expect-triggers.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Fires at each step at which at least one of `triggers` fires; once, however many do. What fires between two steps
 * counts for the second of them.
 *
 *     steps                                 -1-2-3-4-5-6-|
 *     everySteps(2)                         ---2---4---6-|
 *     everySteps(3)                         -----3-----6-|
 *     anyOf(everySteps(2), everySteps(3))   ---2-3-4---6-|
 *
 * @throws RangeError if there is no trigger
 */
export function anyOf<O = unknown>(...triggers: readonly Trigger<O>[]): StepTrigger<O> {
  expectTriggers('anyOf(triggers)', triggers);
  return Object.assign(
    combineTriggers(triggers, (fired) => fired > 0),
    earliestOf(triggers),
    triggers.some(({ begunAt }) => begunAt !== undefined) && {
      begunAt: (globalStep: number) => anyOf(...triggers.map((trigger) => beginAt(trigger, globalStep))),
    },
  );
}
