import { bufferCount } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { after } from '../../lib/trigger/after.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { until } from '../../lib/trigger/until.js';

const test = suite('until');
const events = stepEvents();

triggerLaws({ test, factory: () => until(40) });
triggerLaws({ test: (name, body) => test(`of everySteps, ${name}`, body), factory: () => until(40, everySteps(7)) });
triggerLaws({ test: (name, body) => test(`of bufferCount, ${name}`, body), factory: () => until(40, bufferCount(3)) });
triggerLaws({
  test: (name, body) => test(`with after, ${name}`, body),
  factory: () => anyOf(until(30, everySteps(2)), after(30, everySteps(20))),
});

test(
  'fires up to a step, or shows the steps up to it to a trigger',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(until(3))).toBe('-1-2-3-------|', events);
    expectObservable(source.pipe(until(0))).toBe('-------------|', events);
    expectObservable(source.pipe(until(4, everySteps(2)))).toBe('---2---4-----|', events);
    expectObservable(source.pipe(until(4, bufferCount(3)))).toBe('-----3-------|', events);
  }),
);

test(
  'fires again when a recovery goes back',
  marbles(({ cold, expectObservable }) => {
    const back = stepEvents({ globalSteps: [3, 4, 5, 2, 3] });
    expectObservable(cold('-1-2-3-4-5-|', back).pipe(until(3))).toBe('-1-----4-5-|', back);
  }),
);

test(
  'is what after leaves out',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(anyOf(until(3), after(3)))).toBe('-1-2-3-4-5-6-|', events);
  }),
);

test('says which step is the next', () => {
  const never = Number.POSITIVE_INFINITY;
  assert.equal(
    [0, 4, 8, 10, 11].map((step) => until(10, everySteps(4)).nextStep?.(step)),
    [4, 8, never, never, never],
  );
  assert.equal(
    [0, 9, 10, 11].map((step) => until(10, bufferCount(4)).nextStep?.(step)),
    [0, 0, 0, never],
  );
});

test('refuses wrong arguments', () => {
  assert.throws(() => until(-1), /until\(globalStep\): expected a whole number from 0, received -1/);
  assert.throws(
    () => until(Number.NaN),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(() => until(5, 5 as never), /until\(trigger\): expected a trigger.*received 5/);
});

test.run();
