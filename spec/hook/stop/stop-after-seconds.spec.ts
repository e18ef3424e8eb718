import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hook } from '../../../lib/hook/hook.js';
import { stopAfterSeconds } from '../../../lib/hook/stop/stop-after-seconds.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { told } from '../told.js';

const test = suite('stopAfterSeconds');

hookLaws({ test, factory: () => stopAfterSeconds(60) });

test(
  'lets the step that is being taken be the last',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1-2-3-4-|').pipe(stopAfterSeconds(0.007), told());
    expectObservable(run).toBe(' (bc)1-2-(3e|)');
  }),
);

test(
  'counts from begin, not from the subscription to something before it',
  marbles(({ cold, expectObservable }) => {
    const slow = hook('slow', () => ({ sessionCreated: (event) => event.waitUntil(cold('-----|')) }));
    const run = scriptedSession('--1-2-3-|').pipe(slow, stopAfterSeconds(0.008), told());
    expectObservable(run).toBe(' (bc)---1-(2e|)');
  }),
);

test(
  'ends a run that waits for its input',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1').pipe(stopAfterSeconds(0.02), told());
    expectObservable(run).toBe(' (bc)1 15ms (e|)');
  }),
);

test(
  'says nothing of a run that ends before',
  marbles(({ flush }) => {
    let reason: unknown = 'none was told';
    scriptedSession('-1-|')
      .pipe(stopAfterSeconds(1))
      .subscribe((event) => {
        if (event.type === 'end') reason = event.reason;
      });
    flush();
    assert.is(reason, undefined);
  }),
);

test(
  'keeps no timer when the run is over',
  marbles(({ scheduler, flush }) => {
    const subscription = scriptedSession('-1-').pipe(stopAfterSeconds(3600)).subscribe();
    scheduler.schedule(() => subscription.unsubscribe(), 5);
    flush();
    assert.is(scheduler.now(), 5);
  }),
);

test('refuses a time that is none', () => {
  for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => stopAfterSeconds(seconds), /^stopAfterSeconds\(seconds\): expected seconds above 0, at most/);
  }
});

test.run();
