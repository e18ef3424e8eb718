import { filter, type Observable } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import { expectWholeNumber } from './expect-whole-number.js';
import type { StepTrigger } from './trigger.js';

/**
 * Fires when one of these global steps is reached, or crossed because the step advances by more than one; once for all
 * that one step crosses.
 *
 *     steps           -1-2-3-4-5-6-|
 *     atSteps(2, 5)   ---2-----5---|
 *
 * @param globalSteps whole numbers from 1, in any order
 * @throws RangeError if there is none, or one is no such number
 */
export function atSteps(...globalSteps: readonly number[]): StepTrigger {
  if (globalSteps.length === 0) throw new RangeError('atSteps(globalSteps): expected at least one step, received none');
  for (const globalStep of globalSteps) expectWholeNumber('atSteps(globalSteps)', globalStep, 1);

  const sorted = [...globalSteps].sort((a, b) => a - b);
  const firstAfter = (globalStep: number): number =>
    sorted.find((candidate) => candidate > globalStep) ?? Number.POSITIVE_INFINITY;
  const isDue = ({ globalStep, previousGlobalStep }: StepEvent): boolean =>
    firstAfter(previousGlobalStep) <= globalStep;
  return Object.assign(<E extends StepEvent>(source: Observable<E>) => source.pipe(filter<E>(isDue)), {
    nextStep: firstAfter,
  });
}
