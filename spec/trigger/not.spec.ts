import { bufferCount } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { allOf } from '../../lib/trigger/all-of.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { firstStep } from '../../lib/trigger/first-step.js';
import { never } from '../../lib/trigger/never.js';
import { not } from '../../lib/trigger/not.js';

const test = suite('not');
const events = stepEvents();

triggerLaws({ test, factory: () => not(bufferCount(3)) });

test(
  'fires at the steps at which the other does not',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(not(everySteps(3)))).toBe('-1-2---4-5---|', events);
    expectObservable(source.pipe(not(never()))).toBe('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(not(not(everySteps(3))))).toBe('-----3-----6-|', events);
  }),
);

test(
  'leaves out the step after a firing between steps',
  marbles(({ cold, hot, expectObservable }) => {
    const source = cold('-1-2-3-4-|', events);
    const button = hot(' ----x-----');
    expectObservable(source.pipe(not(() => button))).toBe('-1-2---4-|', events);
  }),
);

test(
  'composes: every second step but the first of the run',
  marbles(({ cold, expectObservable }) => {
    const resumed = stepEvents({ startAt: 3 });
    const trigger = allOf(everySteps(2), not(firstStep()));
    expectObservable(cold('-1-2-3-4-|', resumed).pipe(trigger)).toBe('-----3---|', resumed);
  }),
);

test('refuses what is no trigger', () => {
  assert.throws(() => not(undefined as never), /not\(trigger\): expected a trigger.*received undefined/);
});

test.run();
