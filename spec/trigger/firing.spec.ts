import { bufferCount, debounceTime, filter, map, sample, throttleTime } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepEvent } from '../../lib/session/event.js';
import { type MarbleHelpers, marbles, stepEvents } from '../../lib/testing/index.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { Firing } from '../../lib/trigger/firing.js';
import type { Trigger } from '../../lib/trigger/trigger.js';

const test = suite('Firing');
const fail = (error: unknown): never => {
  throw error;
};
const events = stepEvents();

/** The steps at which a hook would act. */
function dueSteps({ cold, expectObservable }: MarbleHelpers, marbles: string, trigger: Trigger<{ loss: number }>) {
  const firing = new Firing(trigger, fail);
  return expectObservable(cold(marbles, events).pipe(filter((step) => firing.isDueAt(step))));
}

const operators: [name: string, trigger: (m: MarbleHelpers) => Trigger<{ loss: number }>, expected: string][] = [
  ['bufferCount', () => bufferCount(2), '             ---2---4---6-|'],
  ['throttleTime', () => throttleTime(3), '           -1---3---5---|'],
  ['filter', () => filter(({ outputs }) => outputs.loss < 0.3), '-------4-5-6-|'],
  ['sample, at the next step', ({ hot }) => sample(hot('--x-----x')), '---2-----5---|'],
  [
    'a stream of its own, at the next step',
    ({ hot }) =>
      () =>
        hot('--xx--x--'),
    '---2---4-----|',
  ],
];
for (const [name, trigger, expected] of operators) {
  test(
    `takes ${name} as it is`,
    marbles((m) => dueSteps(m, '-1-2-3-4-5-6-|', trigger(m)).toBe(expected, events)),
  );
}

test(
  'honours debounceTime at the step after the pause',
  marbles((m) => dueSteps(m, '123----4-5----6|', debounceTime(3)).toBe('-------4------6|', events)),
);

test('takes whatever is emitted for a firing', () => {
  const firing = new Firing(
    map(() => undefined),
    fail,
  );
  assert.is(firing.isDueAt(events[1]), true);
});

test('counts several firings at one step once, and uses them up', () => {
  const firing = new Firing<unknown>(
    (steps) =>
      steps.pipe(
        filter(({ globalStep }) => globalStep === 1),
        map(() => 1),
      ),
    fail,
  );
  assert.equal([firing.isDueAt(events[1]), firing.isDueAt(events[2])], [true, false]);
});

test('tells of an error and fires no more', () => {
  const errors: unknown[] = [];
  const firing = new Firing(
    map(({ globalStep }: StepEvent) => {
      if (globalStep === 2) throw new Error('boom');
      return globalStep;
    }),
    (error) => errors.push(error),
  );
  assert.is(firing.isDueAt(events[1]), true);
  assert.is(firing.isDueAt(events[2]), false);
  assert.is(firing.isDueAt(events[3]), false);
  assert.equal(
    errors.map((error) => (error as Error).message),
    ['boom'],
  );
  assert.is(firing.nextStep(3), Number.POSITIVE_INFINITY);
});

test('asks the trigger when to ask again', () => {
  const firing = new Firing(everySteps(10), fail);
  assert.is(firing.nextStep(5), 10);
  const counting = new Firing(bufferCount(10), fail);
  assert.is(counting.nextStep(5), 0);
});

test(
  'does not sleep through a firing that came between steps',
  marbles(({ hot, scheduler, flush }) => {
    const press = hot('--x');
    const firing = new Firing(
      Object.assign<Trigger, Pick<Trigger, 'nextStep'>>(() => press, { nextStep: () => 100 }),
      fail,
    );
    scheduler.schedule(() => assert.is(firing.nextStep(1), 0), 3);
    flush();
  }),
);

test('fires no more after it was stopped', () => {
  const firing = new Firing(bufferCount(2), fail);
  firing.isDueAt(events[1]);
  firing.stop();
  assert.is(firing.isDueAt(events[2]), false);
});

test.run();
