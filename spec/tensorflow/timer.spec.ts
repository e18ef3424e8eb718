// TensorFlow's test cases for its timer, by their numbers in the behavioural specification of its session hooks. Where
// ours does better on purpose, ours is asserted.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepEvent } from '../../lib/session/event.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { beginAt } from '../../lib/trigger/begin-at.js';
import { Firing } from '../../lib/trigger/firing.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';
import type { Trigger } from '../../lib/trigger/trigger.js';

const test = suite('TensorFlow: SecondOrStepTimer');

/** A timer of TensorFlow's that was updated at `step`, asked at steps one after another. */
function timerAt(step: number | undefined, trigger: Trigger): (globalStep: number) => boolean {
  const run = fakeRun();
  const firing = new Firing(step === undefined ? trigger : beginAt(trigger, step), (error) => {
    throw error;
  });
  let previous = step ?? 0;
  return (globalStep) => {
    const event = new StepEvent(run, {}, globalStep, previous, {});
    previous = globalStep;
    return firing.isDueAt(event);
  };
}

/** Asks at the given times, in seconds, and says at which steps the timer fired. */
function firedAt(
  { scheduler, flush }: MarbleHelpers,
  isDue: (globalStep: number) => boolean,
  asked: readonly (readonly [seconds: number, globalStep: number])[],
): readonly number[] {
  const fired: number[] = [];
  for (const [seconds, globalStep] of asked) {
    scheduler.schedule(() => {
      if (isDue(globalStep)) fired.push(globalStep);
    }, seconds * 1000);
  }
  flush();
  return fired;
}

test('case 39: takes exactly one interval', () => {
  const isTypeError = (error: unknown) => error instanceof TypeError;
  assert.throws(() => secondOrStepTimer({ steps: 5, seconds: 5 } as never), isTypeError);
  assert.throws(() => secondOrStepTimer({} as never), isTypeError);
});

test('case 40: every 3 steps it fires at 1 and, updated then, at 4', () => {
  const isDue = timerAt(undefined, secondOrStepTimer({ steps: 3 }));
  assert.equal([1, 2, 3, 4].map(isDue), [true, false, false, true]);
});

test(
  'case 41: every second it fires at first, and then a second later at another step',
  marbles((helpers) => {
    const isDue = timerAt(undefined, secondOrStepTimer({ seconds: 1 }));
    // Bettered: a trigger is shown a step once, so that the same step cannot fire twice needs no rule of its own.
    assert.equal(
      firedAt(helpers, isDue, [
        [0, 1],
        [0, 2],
        [0.9, 3],
        [1.1, 4],
      ]),
      [1, 4],
    );
  }),
);

test('case 42: what has passed since the firing before can be told from the firings', () => {
  // Bettered: TensorFlow's update returns the elapsed steps; here the steps of the firings are the events themselves.
  const isDue = timerAt(undefined, secondOrStepTimer({ steps: 2 }));
  const fired = [1, 5, 7].filter(isDue);
  assert.equal(fired, [1, 5, 7]);
  assert.equal(
    fired.slice(1).map((step, index) => step - (fired[index] as number)),
    [4, 2],
  );
});

test(
  'case 43: a step that is lower waits in steps, and fires in seconds when the time has come',
  marbles((helpers) => {
    const inSteps = timerAt(10, secondOrStepTimer({ steps: 3 }));
    assert.equal([4, 12, 13].map(inSteps), [false, false, true]);
    const inSeconds = timerAt(10, secondOrStepTimer({ seconds: 1 }));
    assert.equal(
      firedAt(helpers, inSeconds, [
        [0.5, 3],
        [2, 4],
      ]),
      [4],
    );
  }),
);

test('case 44: a timer that nobody has used fires at any step', () => {
  // Bettered: asking is showing a step, so it cannot be asked idly; each run has a timer of its own instead of `reset`.
  const trigger = secondOrStepTimer({ steps: 100 });
  const first = timerAt(undefined, trigger);
  assert.equal([7, 8].map(first), [true, false]);
  const reset = timerAt(undefined, trigger);
  assert.equal([8, 9].map(reset), [true, false]);
});

test.run();
