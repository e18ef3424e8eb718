import { map } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { intervalTrigger } from '../../../lib/hook/monitored/interval-trigger.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { stepEvents } from '../../../lib/testing/step-events.js';

const test = suite('intervalTrigger');
const off = null;
const none = undefined;

// A character is a millisecond; intervals are 3 steps and 0.0035 s.
for (const [steps, seconds, defaults, expected] of [
  [none, none, { steps: 2 }, '---2---4---6---8-|'],
  [none, none, { seconds: 0.0035 }, '-1---3---5---7---|'],
  [3, none, { steps: 2 }, '-----3-----6-----|'],
  [3, none, { seconds: 0.0035 }, '-----3-----6-----|'],
  [3, off, { seconds: 0.0035 }, '-----3-----6-----|'],
  [none, 0.0035, { steps: 2 }, '-1---3---5---7---|'],
  [off, 0.0035, { steps: 2 }, '-1---3---5---7---|'],
  [0, 0.0035, { steps: 2 }, '-1---3---5---7---|'],
  [3, 0.0075, { steps: 2 }, '-1---3---5-6-----|'],
  [none, off, { steps: 2 }, '---2---4---6---8-|'],
  [off, none, { seconds: 0.0035 }, '-1---3---5---7---|'],
  [off, none, { steps: 2 }, '-----------------|'],
  [none, off, { seconds: 0.0035 }, '-----------------|'],
] as const) {
  test(
    `steps ${steps}, seconds ${seconds}, by default ${JSON.stringify(defaults)}`,
    marbles(({ cold, expectObservable, scheduler }) => {
      const events = stepEvents();
      const trigger = intervalTrigger('save', { steps, seconds }, defaults, scheduler);
      if (trigger === undefined) throw new Error('expected a trigger');
      expectObservable(trigger(cold('-1-2-3-4-5-6-7-8-|', events))).toBe(expected, events);
    }),
  );
}

test(
  'counts from the creation where something was done there',
  marbles(({ cold, expectObservable, scheduler }) => {
    const trigger = intervalTrigger(
      'save',
      { steps: none, seconds: none },
      { seconds: 0.003, isDoneAtCreation: true },
      scheduler,
    );
    if (trigger === undefined) throw new Error('expected a trigger');
    const firings = trigger(cold('-1-2-3-4-5-6-7-8-|', stepEvents())).pipe(map(() => 'f'));
    // Three milliseconds after the step that begins the wait, to be honoured at the next step.
    expectObservable(firings).toBe('----f---f---f---f|');
  }),
);

test('both off is nothing at all', () => {
  for (const steps of [null, 0]) {
    for (const seconds of [null, 0]) assert.is(intervalTrigger('save', { steps, seconds }, { steps: 2 }), undefined);
  }
});

test('an interval below 0 is told', () => {
  assert.throws(() => intervalTrigger('save', { steps: -1, seconds: none }, {}), /\(saveSteps\)/);
  assert.throws(() => intervalTrigger('save', { steps: none, seconds: Number.NaN }, {}), /\(saveSeconds\)/);
  assert.throws(
    () => intervalTrigger('save', { steps: 1.5, seconds: none }, {}),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
