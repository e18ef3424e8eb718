import { beginAt } from './begin-at.js';
import { combineTriggers } from './combine-triggers.js';
import { earliestOf } from './earliest-of.js';
import { expectTriggers } from './expect-triggers.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Fires at each step at which every one of `triggers` fires. What fires between two steps counts for the second of
 * them, and only for that one: a firing does not wait for the others.
 *
 *     steps                                 -1-2-3-4-5-6-|
 *     everySteps(2)                         ---2---4---6-|
 *     everySteps(3)                         -----3-----6-|
 *     allOf(everySteps(2), everySteps(3))   -----------6-|
 *
 * @throws RangeError if there is no trigger
 */
export function allOf<O = unknown>(...triggers: readonly Trigger<O>[]): StepTrigger<O> {
  expectTriggers('allOf(triggers)', triggers);
  return Object.assign(
    combineTriggers(triggers, (fired) => fired === triggers.length),
    // Not the latest: a trigger that counts what it fires would miss steps at which it fires alone.
    earliestOf(triggers),
    triggers.some(({ begunAt }) => begunAt !== undefined) && {
      begunAt: (globalStep: number) => allOf(...triggers.map((trigger) => beginAt(trigger, globalStep))),
    },
  );
}
