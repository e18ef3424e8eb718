import { bufferCount, debounceTime, sample, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { atSteps } from '../../lib/trigger/at-steps.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('anyOf');
const events = stepEvents();

triggerLaws({ test, factory: () => anyOf(everySteps(11), atSteps(5, 500)) });
triggerLaws({
  test: (name, body) => test(`with state and time, ${name}`, body),
  factory: (scheduler) => anyOf(bufferCount(6), everySeconds(1, scheduler), debounceTime(30, scheduler)),
});

test(
  'fires once at each step at which any fires',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    const subs = '       ^------------!';
    const expected = '   ---2-3-4---6-|';
    expectObservable(source.pipe(anyOf(everySteps(2), everySteps(3)))).toBe(expected, events);
    expectSubscriptions(source.subscriptions).toBe(subs);
  }),
);

test(
  'counts what fires between two steps for the second, once',
  marbles(({ cold, hot, expectObservable }) => {
    const source = cold('-1--2-3--4-5-|', events);
    const button = hot(' --xx----x-x--');
    const expected = '   ----2----4-5-|';
    expectObservable(source.pipe(anyOf(() => button))).toBe(expected, events);
  }),
);

test(
  'shows each step to each, whatever the others say',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(anyOf(everySteps(2), bufferCount(3)))).toBe('---2-3-4---6-|', events);
  }),
);

test(
  'takes operators of RxJS as they are',
  marbles(({ cold, hot, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-7-|', events);
    const button = hot(' ----x----------');
    expectObservable(source.pipe(anyOf(bufferCount(5), sample(button)))).toBe('-----3---5-----|', events);
  }),
);

test(
  'fails when one of them fails, also between steps',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-|', events);
    const failing = cold('----#');
    expectObservable(source.pipe(anyOf(everySteps(2), () => failing))).toBe('---2#', events);
    expectObservable(source.pipe(anyOf(everySteps(2), () => throwError(() => 'error')))).toBe('#');
    expectSubscriptions(source.subscriptions).toBe('^---!');
  }),
);

test(
  'goes on when one of them is over',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-|', events);
    expectObservable(source.pipe(anyOf(everySteps(3), () => cold('(x|)')))).toBe('-1---3---|', events);
  }),
);

test('says which step is the next if all of them can', () => {
  assert.equal(
    [0, 4, 5, 10, 20].map((step) => anyOf(everySteps(10), atSteps(5)).nextStep?.(step)),
    [5, 5, 10, 20, 30],
  );
  assert.is(anyOf(everySteps(10), bufferCount(5)).nextStep, undefined);
});

test('refuses what is no trigger, and none', () => {
  assert.throws(() => anyOf(), /anyOf\(triggers\): expected at least one trigger, received none/);
  assert.throws(() => anyOf(everySteps(5), 5 as never), /anyOf\(triggers\): expected a trigger.*received 5/);
});

test.run();
