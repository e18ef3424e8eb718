import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { atSteps } from '../../lib/trigger/at-steps.js';

const test = suite('atSteps');

triggerLaws({ test, factory: () => atSteps(3, 20, 21, 50, 400, 1010) });

test(
  'fires at its steps, in any order, once each',
  marbles(({ cold, expectObservable }) => {
    const events = stepEvents();
    expectObservable(cold('-1-2-3-4-5-6-|', events).pipe(atSteps(5, 2, 5))).toBe('---2-----5---|', events);
  }),
);

test(
  'fires once when a step crosses one or several of them',
  marbles(({ cold, expectObservable }) => {
    const events = stepEvents({ globalSteps: [9, 12, 13, 40, 40] });
    expectObservable(cold('-1-2-3-4-5-|', events).pipe(atSteps(10, 11, 20, 30, 40))).toBe('---2---4---|', events);
  }),
);

test(
  'does not fire for steps that lie before a restart',
  marbles(({ cold, expectObservable }) => {
    const events = stepEvents({ startAt: 10 });
    expectObservable(cold('-1-2-3-|', events).pipe(atSteps(10, 12))).toBe('---2---|', events);
  }),
);

test('says which step is the next', () => {
  const { nextStep } = atSteps(30, 10);
  assert.equal(
    [0, 9, 10, 29, 30].map((step) => nextStep?.(step)),
    [10, 10, 30, 30, Number.POSITIVE_INFINITY],
  );
});

test('refuses steps that no step can reach', () => {
  for (const step of [0, -1, 0.5, Number.NaN]) {
    assert.throws(() => atSteps(1, step), `atSteps(globalSteps): expected a whole number from 1, received ${step}`);
  }
  assert.throws(() => atSteps(), /expected at least one step, received none/);
});

test.run();
