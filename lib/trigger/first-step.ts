import { take } from 'rxjs';
import type { StepTrigger } from './trigger.js';

/**
 * Fires at the first step that it sees, whatever its global step is. Hooks start their triggers anew when a session is
 * created, so it fires at the first step of a run and at the first one after a recovery.
 *
 *     steps         -5-6-7-|
 *     firstStep()   -(5|)
 */
export function firstStep(): StepTrigger {
  return (steps) => steps.pipe(take(1));
}
