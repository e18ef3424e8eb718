import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { Firing } from '../../lib/trigger/firing.js';
import { firstStep } from '../../lib/trigger/first-step.js';

const test = suite('firstStep');
const fail = (error: unknown): never => {
  throw error;
};

triggerLaws({ test, factory: firstStep });

test(
  'fires at the first step of a run, wherever it starts',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const events = stepEvents({ startAt: 100 });
    const source = cold('-1-2-3-|', events);
    expectObservable(source.pipe(firstStep())).toBe('-(1|)', events);
    expectSubscriptions(source.subscriptions).toBe('^!');
  }),
);

test('is not asked again', () => {
  const events = stepEvents();
  const firing = new Firing(firstStep(), fail);
  assert.is(firing.nextStep(0), 0);
  assert.is(firing.isDueAt(events[1]), true);
  assert.is(firing.nextStep(1), Number.POSITIVE_INFINITY);
});

test.run();
