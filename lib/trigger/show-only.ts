import { filter, type Observable } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import { combineTriggers } from './combine-triggers.js';
import type { SaveCost } from './save-cost.js';
import type { StepTrigger, Trigger } from './trigger.js';

/**
 * Shows `trigger` only some steps, as if there were no others: also what it fires between steps counts for the next one
 * of these. Without a trigger, each of them fires.
 */
export function showOnly<O>(
  isShown: (step: StepEvent<unknown, O>) => boolean,
  trigger: Trigger<O> | undefined,
): StepTrigger<O> {
  if (trigger === undefined)
    return <E extends StepEvent<unknown, O>>(steps: Observable<E>) => steps.pipe(filter<E>(isShown));
  const atShownSteps = combineTriggers([trigger], (fired) => fired > 0);
  return <E extends StepEvent<unknown, O>>(steps: Observable<E>, saves?: Observable<SaveCost>) =>
    atShownSteps(steps.pipe(filter<E>(isShown)), saves);
}
