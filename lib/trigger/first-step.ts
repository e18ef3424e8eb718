import { take } from 'rxjs';
import type { StepTrigger } from './trigger.js';

/**
 * Fires at the first step of a run, whatever its global step is, and not again in that run, also after a recovery.
 *
 *     steps         -5-6-7-|
 *     firstStep()   -(5|)
 */
export function firstStep(): StepTrigger {
  return (steps) => steps.pipe(take(1));
}
