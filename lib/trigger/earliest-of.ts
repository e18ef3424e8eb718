import type { Trigger } from './trigger.js';

/**
 * The first step at which any of these triggers could fire, if all of them can say when: before it, no step needs to be
 * shown to any of them.
 */
export function earliestOf<O>(triggers: readonly Trigger<O>[]): Pick<Trigger<O>, 'nextStep'> {
  const nextSteps = triggers.flatMap(({ nextStep }) => nextStep ?? []);
  if (nextSteps.length < triggers.length) return {};
  return { nextStep: (globalStep) => Math.min(...nextSteps.map((nextStep) => nextStep(globalStep))) };
}
