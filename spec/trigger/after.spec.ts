import { bufferCount, sample } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { after } from '../../lib/trigger/after.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('after');
const events = stepEvents();

triggerLaws({ test, factory: () => after(40) });
triggerLaws({ test: (name, body) => test(`of everySteps, ${name}`, body), factory: () => after(40, everySteps(7)) });
triggerLaws({ test: (name, body) => test(`of bufferCount, ${name}`, body), factory: () => after(40, bufferCount(3)) });
triggerLaws({
  test: (name, body) => test(`of everySeconds, ${name}`, body),
  factory: (scheduler) => after(40, everySeconds(0.2, scheduler)),
});

test(
  'fires at the steps above, or shows them to a trigger',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(after(3))).toBe('-------4-5-6-|', events);
    expectObservable(source.pipe(after(0))).toBe('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(after(3, everySteps(2)))).toBe('-------4---6-|', events);
    expectObservable(source.pipe(after(3, bufferCount(2)))).toBe('---------5---|', events);
  }),
);

test(
  'begins to count time at the first step that it shows',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-7-|', events);
    expectObservable(source.pipe(after(3, everySeconds(0.003)))).toBe('-------4---6---|', events);
  }),
);

test(
  'keeps a firing between steps for the first step above',
  marbles(({ cold, hot, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    const button = hot(' --x-----x-----');
    expectObservable(source.pipe(after(3, () => button))).toBe('-------4-5---|', events);
    expectObservable(source.pipe(after(3, sample(button)))).toBe('---------5---|', events);
  }),
);

test('says which step is the next', () => {
  const steps = [0, 9, 10, 11, 12];
  assert.equal(
    steps.map((step) => after(10, everySteps(4)).nextStep?.(step)),
    [11, 12, 12, 12, 16],
  );
  assert.equal(
    steps.map((step) => after(10, bufferCount(4)).nextStep?.(step)),
    [11, 11, 11, 11, 11],
  );
});

test('refuses wrong arguments', () => {
  assert.throws(() => after(-1), /after\(globalStep\): expected a whole number from 0, received -1/);
  assert.throws(
    () => after(1.5),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(() => after(5, 5 as never), /after\(trigger\): expected a trigger.*received 5/);
});

test.run();
