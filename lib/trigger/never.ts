import { ignoreElements, type Observable } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import type { StepTrigger } from './trigger.js';

/**
 * Never fires.
 *
 *     steps     -1-2-3-|
 *     never()   -------|
 */
export function never(): StepTrigger {
  return Object.assign(<E extends StepEvent>(steps: Observable<E>): Observable<E> => steps.pipe(ignoreElements()), {
    nextStep: () => Number.POSITIVE_INFINITY,
  });
}
