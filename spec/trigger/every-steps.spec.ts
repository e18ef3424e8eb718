import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('everySteps');
const events = stepEvents();

triggerLaws({ test, factory: () => everySteps(7) });
triggerLaws({
  test: (name, body) => test(`since lastFiring, ${name}`, body),
  factory: () => everySteps(7, { since: 'lastFiring' }),
});

test(
  'fires at multiples',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    const subs = '       ^------------!';
    const expected = '   ---2---4---6-|';
    expectObservable(source.pipe(everySteps(2))).toBe(expected, events);
    expectSubscriptions(source.subscriptions).toBe(subs);
  }),
);

test(
  'fires at every step with 1',
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('-1-2-3-|', events).pipe(everySteps(1))).toBe('-1-2-3-|', events);
  }),
);

test(
  'fires once when a step crosses a multiple, or several',
  marbles(({ cold, expectObservable }) => {
    const jumps = stepEvents({ globalSteps: [9, 11, 19, 20, 47, 49, 50] });
    const source = cold('-1-2-3-4-5-6-7-|', jumps);
    const expected = '   ---2---4-5---7-|';
    expectObservable(source.pipe(everySteps(10))).toBe(expected, jumps);
  }),
);

test(
  'does not fire again at a step that advances by none',
  marbles(({ cold, expectObservable }) => {
    const steps = stepEvents({ globalSteps: [2, 2, 3, 3, 4, 4] });
    expectObservable(cold('-1-2-3-4-5-6-|', steps).pipe(everySteps(2))).toBe('-1-------5---|', steps);
  }),
);

test(
  'goes on with the same schedule after a restart',
  marbles(({ cold, expectObservable }) => {
    const resumed = stepEvents({ startAt: 7 });
    const source = cold('-1-2-3-4-5-6-|', resumed);
    const expected = '   ---2-----5---|'; // global steps 9 and 12
    expectObservable(source.pipe(everySteps(3))).toBe(expected, resumed);
  }),
);

test('says which step is the next', () => {
  const { nextStep } = everySteps(10);
  assert.equal(
    [0, 1, 9, 10, 11].map((step) => nextStep?.(step)),
    [10, 10, 10, 20, 20],
  );
  assert.is(everySteps(10, { since: 'lastFiring' }).nextStep, undefined);
});

test(
  'since the last firing, fires at the first step and then so many steps later',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(everySteps(2, { since: 'lastFiring' }))).toBe('-1---3---5---|', events);
    // TensorFlow: every_steps=3 after a trigger at 1 is silent at 2 and 3, and triggers at 4.
    expectObservable(source.pipe(everySteps(3, { since: 'lastFiring' }))).toBe('-1-----4-----|', events);
  }),
);

test(
  'since the last firing, a jump fires once and moves the schedule',
  marbles(({ cold, expectObservable }) => {
    const jumps = stepEvents({ globalSteps: [5, 40, 41, 49, 50] });
    const source = cold('-1-2-3-4-5-|', jumps);
    expectObservable(source.pipe(everySteps(10, { since: 'lastFiring' }))).toBe('-1-2-----5-|', jumps);
  }),
);

test(
  'since the last firing, is silent below it',
  marbles(({ cold, expectObservable }) => {
    // TensorFlow: every_steps=3 after a trigger at 10 is silent at 4 and 12, and triggers at 13.
    const back = stepEvents({ globalSteps: [10, 4, 12, 13, 13] });
    expectObservable(cold('-1-2-3-4-5-|', back).pipe(everySteps(3, { since: 'lastFiring' }))).toBe(
      '-1-----4---|',
      back,
    );
  }),
);

test('refuses intervals that are no whole number above 0', () => {
  for (const steps of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(
      () => everySteps(steps),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message === `everySteps(steps): expected a whole number from 1, received ${steps}`,
    );
  }
  assert.throws(() => everySteps('5' as never), /received "5"/);
  assert.throws(
    () => everySteps(5, { since: 'firing' as never }),
    /everySteps\(since\): expected "start" or "lastFiring"/,
  );
});

test.run();
