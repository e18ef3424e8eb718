import { defer, filter, type Observable, tap } from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { StepEvent } from '../session/event.js';
import { expectWholeNumber } from './expect-whole-number.js';
import type { StepTrigger } from './trigger.js';

export interface EveryStepsOptions {
  /**
   * From where steps are counted:
   *
   * - `start`: from step 0 of training, so that a resumed run has the schedule of the run it resumes
   * - `lastFiring`: from the last firing in this run, as TensorFlow's timers do
   *
   * @default start
   */
  readonly since?: 'start' | 'lastFiring' | undefined;
}

const OPTIONS: OptionNames<EveryStepsOptions> = { since: true };

/**
 * Fires when the global step reaches a multiple of `steps`, or crosses one because it advances by more than one. It
 * keeps no state: a run that resumes anywhere goes on with the same schedule.
 *
 *     steps            -1-2-3-4-5-6-|
 *     everySteps(2)    ---2---4---6-|
 *
 * Since the last firing, it fires at the first step, then at every step that is at least `steps` above the last
 * firing. A step that is lower does not fire before that step is reached again.
 *
 *     steps                                   -1-2-3-4-5-6-|
 *     everySteps(2, { since: 'lastFiring' })  -1---3---5---|
 *
 * @param steps a whole number from 1
 * @throws RangeError for any other number of steps, or an unknown `since`
 * @see TensorFlow, tensorflow/python/training/basic_session_run_hooks.py, SecondOrStepTimer
 */
export function everySteps(steps: number, options: EveryStepsOptions = {}): StepTrigger {
  checkOptions('everySteps(options)', options, OPTIONS);
  const { since = 'start' } = options;
  expectWholeNumber('everySteps(steps)', steps, 1);
  if (since !== 'start' && since !== 'lastFiring') {
    throw new RangeError(`everySteps(since): expected "start" or "lastFiring", received ${describeReceived(since)}`);
  }
  return since === 'start' ? everyMultiple(steps) : sinceLastFiring(steps);
}

function everyMultiple(steps: number): StepTrigger {
  const isDue = ({ globalStep, previousGlobalStep }: StepEvent): boolean =>
    Math.floor(globalStep / steps) > Math.floor(previousGlobalStep / steps);
  return Object.assign(<E extends StepEvent>(source: Observable<E>) => source.pipe(filter<E>(isDue)), {
    nextStep: (globalStep: number) => (Math.floor(globalStep / steps) + 1) * steps,
  });
}

function sinceLastFiring(steps: number, first = Number.NEGATIVE_INFINITY): StepTrigger {
  const trigger = <E extends StepEvent>(source: Observable<E>): Observable<E> =>
    defer(() => {
      let next = first;
      return source.pipe(
        filter(({ globalStep }) => globalStep >= next),
        tap(({ globalStep }) => {
          next = globalStep + steps;
        }),
      );
    });
  return Object.assign(trigger, { begunAt: (globalStep: number) => sinceLastFiring(steps, globalStep + steps) });
}
