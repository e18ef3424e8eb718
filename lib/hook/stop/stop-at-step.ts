import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { expectWholeNumber } from '../../trigger/expect-whole-number.js';
import { type Hook, hook } from '../hook.js';

/** Exactly one of `numSteps` and `lastStep`. */
export type StopAtStepOptions =
  | {
      /** Global steps from where this run started; a whole number from 1. */
      readonly numSteps: number;
      readonly lastStep?: undefined;
    }
  | {
      /** The global step to stop at, across restarts; a whole number from 0. */
      readonly lastStep: number;
      readonly numSteps?: undefined;
    };

const OPTIONS: OptionNames<StopAtStepOptions> = { numSteps: true, lastStep: true };

/**
 * Asks for a stop at the first step that reaches a global step. If the session starts at or beyond it, no step is
 * taken.
 *
 *     source                         b-c-1-2-3-4-…
 *     stopAtStep({ lastStep: 3 })    b-c-1-2-3-e-|
 *
 * `numSteps` counts from the step at which the run was first created or restored; a recovery does not move the goal.
 *
 * @throws TypeError if both or neither are given
 * @throws RangeError for a number that is out of range
 * @see TensorFlow, basic_session_run_hooks.py, StopAtStepHook
 */
export function stopAtStep(options: StopAtStepOptions): Hook {
  checkOptions('stopAtStep(options)', options, OPTIONS);
  const { numSteps, lastStep } = options;
  if ((numSteps === undefined) === (lastStep === undefined)) {
    const received = numSteps === undefined ? 'neither' : 'both';
    throw new TypeError(`stopAtStep(options): expected either numSteps or lastStep, received ${received}`);
  }
  if (numSteps !== undefined) expectWholeNumber('stopAtStep(numSteps)', numSteps, 1);
  if (lastStep !== undefined) expectWholeNumber('stopAtStep(lastStep)', lastStep, 0);

  return hook('stopAtStep', (output) => {
    let goal = lastStep;
    return {
      sessionCreated(event) {
        goal ??= event.globalStep + (numSteps ?? 0);
        if (event.globalStep >= goal) event.requestStop(`step ${goal} is reached already`);
      },
      step(event) {
        if (goal === undefined) return;
        if (event.globalStep >= goal) event.requestStop(`step ${goal} is reached`);
        else output.sleepUntil(goal);
      },
    };
  });
}
