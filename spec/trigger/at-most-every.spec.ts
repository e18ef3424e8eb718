import { bufferCount } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { atMostEvery } from '../../lib/trigger/at-most-every.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('atMostEvery');
const events = stepEvents();

triggerLaws({ test, factory: (scheduler) => atMostEvery(0.7, everySteps(2), scheduler) });
triggerLaws({
  test: (name, body) => test(`of bufferCount, ${name}`, body),
  factory: (scheduler) => atMostEvery(0.7, bufferCount(3), scheduler),
});

test(
  'drops firings that come too soon',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-4-5-6-7-8-|', events);
    const subs = '       ^----------------!';
    const expected = '   ---2-------6-----|';
    expectObservable(source.pipe(atMostEvery(0.005, everySteps(2)))).toBe(expected, events);
    expectSubscriptions(source.subscriptions).toBe(subs);
  }),
);

test(
  'lets everything through that comes slowly',
  marbles(({ cold, expectObservable }) => {
    const source = cold('1 2s 2 2s 3|', events);
    expectObservable(source.pipe(atMostEvery(1, (steps) => steps))).toBe('1 2s 2 2s 3|', events);
  }),
);

test('is due when its trigger is', () => {
  assert.is(atMostEvery(5, everySteps(10)).nextStep?.(3), 10);
  assert.is(atMostEvery(5, bufferCount(10)).nextStep, undefined);
});

test('refuses wrong arguments', () => {
  assert.throws(() => atMostEvery(0, everySteps(1)), /atMostEvery\(seconds\): expected seconds above 0/);
  assert.throws(() => atMostEvery(5, undefined as never), /atMostEvery\(trigger\): expected a trigger/);
});

test.run();
