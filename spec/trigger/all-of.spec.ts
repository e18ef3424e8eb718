import { bufferCount } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { after } from '../../lib/trigger/after.js';
import { allOf } from '../../lib/trigger/all-of.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('allOf');
const events = stepEvents();

triggerLaws({ test, factory: () => allOf(everySteps(3), everySteps(2)) });
triggerLaws({
  test: (name, body) => test(`with state and time, ${name}`, body),
  factory: (scheduler) => allOf(after(30, bufferCount(2)), everySteps(3), everySeconds(0.5, scheduler)),
});

test(
  'fires at the steps at which all fire',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    const subs = '       ^------------!';
    const expected = '   -----------6-|';
    expectObservable(source.pipe(allOf(everySteps(2), everySteps(3)))).toBe(expected, events);
    expectSubscriptions(source.subscriptions).toBe(subs);
  }),
);

test(
  'does not let a firing wait for the others',
  marbles(({ cold, hot, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    const button = hot(' ----x-x--------');
    // Pressed before step 3, where it is lost, and before step 4.
    expectObservable(source.pipe(allOf(everySteps(2), () => button))).toBe('-------4-----|', events);
  }),
);

test(
  'shows each step to each, whatever the others say',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(allOf(everySteps(2), bufferCount(3)))).toBe('-----------6-|', events);
  }),
);

test('says when it matters to any of them', () => {
  assert.equal(
    [0, 2, 3].map((step) => allOf(everySteps(3), everySteps(2)).nextStep?.(step)),
    [2, 3, 4],
  );
});

test('refuses what is no trigger, and none', () => {
  assert.throws(() => allOf(), /allOf\(triggers\): expected at least one trigger, received none/);
  assert.throws(() => allOf({} as never), /expected a trigger.*received an object/);
});

test.run();
