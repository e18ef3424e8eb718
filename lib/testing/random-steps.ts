import { StepEvent } from '../session/event.js';
import { random } from '../session/random.js';
import type { FakeOutputs } from './fake-outputs.js';
import { fakeRun } from './fake-run.js';
import { fakeState } from './fake-state.js';

/** A step at its moment, in milliseconds from the start of the run. */
export interface TimedStep {
  readonly at: number;
  readonly step: StepEvent<unknown, FakeOutputs>;
  /** Whether the session was created again just before this step, which goes back to an earlier one. */
  readonly isRecovered: boolean;
}

/**
 * The steps of a run such as there may be: started anywhere, mostly by one but also by none and by many, at once or
 * after a while, with a recovery now and then.
 *
 * @param seed the same seed gives the same steps
 */
export function randomSteps(seed: number, count = 60): readonly TimedStep[] {
  const dice = random(seed, 'steps');
  const [run, state] = [fakeRun(), fakeState()];
  const steps: TimedStep[] = [];
  let globalStep = dice.integer(3) === 0 ? dice.integer(1000) : 0;
  let at = 1;
  for (let i = 0; i < count; i++) {
    const isRecovered = i > 0 && dice.integer(25) === 0;
    if (isRecovered) globalStep = Math.max(0, globalStep - dice.integer(20));
    const previous = globalStep;
    globalStep += dice.integer(4) > 0 ? 1 : dice.integer(30);
    at += dice.integer(3) > 0 ? dice.integer(3) : dice.integer(2000);
    steps.push({ at, step: new StepEvent(run, state, globalStep, previous, { loss: 1 / (i + 1) }), isRecovered });
  }
  return steps;
}
