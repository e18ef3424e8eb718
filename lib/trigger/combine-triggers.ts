import { defer, filter, finalize, Subject, takeUntil } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import { Firing } from './firing.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Shows every step to every trigger, once for each run, and fires if the number of those that fired is right. A firing
 * that came since the step before counts for this step, and several of one trigger count once. The error of any of
 * them is the error of all.
 */
export function combineTriggers<O>(
  triggers: readonly Trigger<O>[],
  isRight: (firedCount: number) => boolean,
): StepTrigger<O> {
  return (steps, saves) =>
    defer(() => {
      const failure = new Subject<never>();
      const firings = triggers.map((trigger) => new Firing(trigger, (error) => failure.error(error), saves));
      return steps.pipe(
        filter((step) => isRight(countDue(firings, step))),
        takeUntil(failure),
        finalize(() => {
          for (const firing of firings) firing.stop();
        }),
      );
    });
}

/** All are asked: a trigger that counts must see each step, whatever the others say. */
function countDue<O>(firings: readonly Firing<O>[], step: StepEvent<unknown, O>): number {
  let count = 0;
  for (const firing of firings) if (firing.isDueAt(step)) count++;
  return count;
}
