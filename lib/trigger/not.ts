import { combineTriggers } from './combine-triggers.js';
import { expectTriggers } from './expect-triggers.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Fires at each step at which `trigger` does not. What fires between two steps counts for the second of them.
 *
 *     steps                -1-2-3-4-5-6-|
 *     everySteps(3)        -----3-----6-|
 *     not(everySteps(3))   -1-2---4-5---|
 */
export function not<O = unknown>(trigger: Trigger<O>): StepTrigger<O> {
  expectTriggers('not(trigger)', [trigger]);
  return combineTriggers([trigger], (fired) => fired === 0);
}
