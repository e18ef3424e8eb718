import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  runOf,
  SessionCreatedEvent,
  StepEvent,
} from '../../lib/session/event.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { lifecycle, stepEvents } from '../../lib/testing/step-events.js';

const test = suite('step events');

test('steps follow one another', () => {
  const steps = stepEvents();
  assert.instance(steps[1], StepEvent);
  assert.equal(
    Object.values(steps).map(({ previousGlobalStep, globalStep }) => [previousGlobalStep, globalStep]),
    Array.from({ length: 9 }, (_, i) => [i, i + 1]),
  );
  assert.equal(steps[4].outputs, { loss: 0.25 });
});

test('steps can start later and advance by more', () => {
  const steps = stepEvents({ startAt: 7, globalSteps: [10, 10, 15], outputs: (n) => n * 2 });
  assert.equal(
    [steps[1], steps[2], steps[3], steps[4]].map((step) => [step.previousGlobalStep, step.globalStep, step.outputs]),
    [
      [7, 10, 20],
      [10, 10, 20],
      [10, 15, 30],
      [15, 16, 32],
    ],
  );
});

test('a lifecycle has every event of a run, on one run', () => {
  const run = fakeRun();
  const events = lifecycle({ run, steps: 3, startAt: 5, reason: 'enough' });
  assert.instance(events.b, BeginEvent);
  assert.instance(events.c, SessionCreatedEvent);
  assert.is(events.c.globalStep, 5);
  assert.instance(events.A, BeforeStepEvent);
  assert.equal([events.A.globalStep, events.B.globalStep, events.I.globalStep], [5, 6, 13]);
  assert.equal([events[1].globalStep, events[9].globalStep], [6, 14]);
  assert.instance(events.e, EndEvent);
  assert.equal([events.e.globalStep, events.e.cause, events.e.reason], [8, 'stopRequested', 'enough']);
  assert.is(lifecycle().e.cause, 'inputExhausted');
  for (const event of Object.values(events)) assert.is(runOf(event), run);
});

test('refuses more steps than there are digits', () => {
  assert.throws(() => lifecycle({ steps: 10 }), /lifecycle\(steps\): expected a whole number from 0 to 9, received 10/);
  assert.is(lifecycle({ steps: 0, startAt: 3 }).e.globalStep, 3);
});

test.run();
