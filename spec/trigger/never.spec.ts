import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { never } from '../../lib/trigger/never.js';

const test = suite('never');

triggerLaws({ test, factory: never });

test(
  'never fires, and ends with its source',
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('-1-2-3-|', stepEvents()).pipe(never())).toBe('-------|');
    expectObservable(cold('-1-2-3-#', stepEvents()).pipe(never())).toBe('-------#');
  }),
);

test('need not be asked', () => {
  assert.is(never().nextStep?.(5), Number.POSITIVE_INFINITY);
});

test.run();
