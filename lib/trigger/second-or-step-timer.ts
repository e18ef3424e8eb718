import type { SchedulerLike } from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { everySeconds } from './every-seconds.js';
import { everySteps } from './every-steps.js';
import type { StepTrigger } from './trigger.js';

/** Exactly one of `steps` and `seconds`. */
export type SecondOrStepTimerOptions =
  | { readonly steps: number; readonly seconds?: undefined }
  | { readonly seconds: number; readonly steps?: undefined; readonly scheduler?: SchedulerLike | undefined };

const OPTIONS: OptionNames<SecondOrStepTimerOptions> = { steps: true, seconds: true, scheduler: true };

/**
 * TensorFlow's timer, for schedules that are to be as they were there: fires at the first step, then whenever so many
 * steps, or seconds, have passed since the last firing.
 *
 *     steps                            -1-2-3-4-5-6-|
 *     secondOrStepTimer({ steps: 2 })  -1---3---5---|
 *
 * It differs in two things: it takes no interval of 0 or less, and its clock never jumps.
 *
 * @throws TypeError if both or neither of `steps` and `seconds` are given
 * @throws RangeError if the interval is not above 0
 * @see TensorFlow, tensorflow/python/training/basic_session_run_hooks.py, SecondOrStepTimer
 */
export function secondOrStepTimer(options: SecondOrStepTimerOptions): StepTrigger {
  checkOptions('secondOrStepTimer(options)', options, OPTIONS);
  const { steps, seconds } = options;
  if ((steps === undefined) === (seconds === undefined)) {
    throw new TypeError(
      `secondOrStepTimer(options): expected either steps or seconds, received ${steps === undefined ? 'neither' : 'both'}`,
    );
  }
  if (options.steps !== undefined) return everySteps(options.steps, { since: 'lastFiring' });
  return everySeconds(options.seconds, options.scheduler);
}
