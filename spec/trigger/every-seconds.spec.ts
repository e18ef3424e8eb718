import { map } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ofType } from '../../lib/session/of-type.js';
import { marbles, scriptedSession, stepEvents, triggerLaws, withoutRealTime } from '../../lib/testing/index.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';

const test = suite('everySeconds');
const events = stepEvents();

triggerLaws({ test, factory: (scheduler) => everySeconds(0.5, scheduler) });

test(
  'fires at the first step, then when the time has passed since the last firing',
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-2-3-4-5-6-7-|', events);
    const subs = '       ^--------------!';
    const expected = '   -1-----4-----7-|';
    expectObservable(source.pipe(everySeconds(0.005))).toBe(expected, events);
    expectSubscriptions(source.subscriptions).toBe(subs);
  }),
);

test(
  'counts from the last firing, not from when it was due',
  marbles(({ cold, expectObservable }) => {
    const source = cold('1 1800ms 2 500ms 3 600ms 4|', events);
    const expected = '   1 1800ms 2 1101ms        4|';
    expectObservable(source.pipe(everySeconds(1))).toBe(expected, events);
  }),
);

test(
  'fires when the time is up exactly, but not again at the same global step',
  marbles(({ expectObservable }) => {
    // TensorFlow, every_secs=1: true at step 1; at once, step 2 false; at +1.0 s step 1 false, step 2 true.
    const session$ = scriptedSession('(12) 996ms 3|');
    const fired$ = session$.pipe(
      ofType('step'),
      everySeconds(1),
      map(({ globalStep }) => globalStep),
    );
    expectObservable(fired$).toBe('a 999ms b|', { a: 1, b: 3 });
  }),
);

test(
  'does not fire twice for one global step',
  marbles(({ cold, expectObservable }) => {
    const idle = stepEvents({ globalSteps: [1, 1, 2] });
    expectObservable(cold('1 5s 2-3|', idle).pipe(everySeconds(1))).toBe('1 5s --3|', idle);
  }),
);

test(
  'fires at a lower step when the time has passed',
  marbles(({ cold, expectObservable }) => {
    const back = stepEvents({ globalSteps: [10, 4] });
    expectObservable(cold('1 2s 2|', back).pipe(everySeconds(1))).toBe('1 2s 2|', back);
  }),
);

test('reads no clock', () => {
  let readings = 0;
  withoutRealTime(
    marbles(({ cold, scheduler, expectObservable }) => {
      const counting = {
        now: () => {
          readings++;
          return scheduler.now();
        },
        schedule: scheduler.schedule.bind(scheduler),
      };
      expectObservable(cold('123456789|', events).pipe(everySeconds(0.003, counting))).toBe('1---5---9|', events);
    }),
  );
  assert.is(readings, 0);
});

test('refuses times that are not above 0, or that no timer can wait', () => {
  for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2_147_484]) {
    assert.throws(
      () => everySeconds(seconds),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message === `everySeconds(seconds): expected seconds above 0, at most 2147483.647, received ${seconds}`,
    );
  }
  assert.throws(() => everySeconds('5' as never), /received "5"/);
  assert.type(everySeconds(2_147_483), 'function');
});

test.run();
