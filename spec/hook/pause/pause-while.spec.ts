import { NEVER, of, startWith, tap, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hook } from '../../../lib/hook/hook.js';
import { ResumedEvent } from '../../../lib/hook/pause/pause-event.js';
import { pauseWhile } from '../../../lib/hook/pause/pause-while.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { told } from '../told.js';

const test = suite('pauseWhile');
const letters = { paused: 'P', resumed: 'R' };
const truth = { t: true, f: false };

hookLaws({ test, factory: () => pauseWhile(of(false)) });

test(
  'waits at the next step boundary, and goes on when it may',
  marbles(({ hot, expectObservable }) => {
    const isPaused = hot('         -----t------f-------', truth);
    const run = scriptedSession('  ----1--2-----3--4|');
    expectObservable(run.pipe(pauseWhile(isPaused), told(letters))).toBe('(bc)1--(2P)-R-----3--4(e|)');
  }),
);

test(
  'tells how long it waited',
  marbles(({ hot, flush }) => {
    let seconds = 0;
    scriptedSession('---1--2--3|')
      .pipe(
        pauseWhile(hot('----t------f', truth)),
        tap((event) => {
          if (event instanceof ResumedEvent) seconds = event.seconds;
        }),
      )
      .subscribe();
    flush();
    assert.is(seconds, 0.005);
  }),
);

test(
  'waits before the first step',
  marbles(({ hot, expectObservable }) => {
    const run = scriptedSession('--1|').pipe(pauseWhile(hot('t------f', truth).pipe(startWith(true))), told(letters));
    expectObservable(run).toBe('(bcP)--R-1(e|)');
  }),
);

test(
  'does not wait if the pause is over before its turn comes',
  marbles(({ hot, expectObservable }) => {
    const busy = hook('busy', () => ({ step: (event) => event.waitUntil(timer(5)) }));
    const run = scriptedSession('----1|').pipe(busy, pauseWhile(hot('---t--f', truth)), told(letters));
    expectObservable(run).toBe('(bc)1-----(e|)');
  }),
);

test(
  'goes on when the stream completes, and fails the run when that fails',
  marbles(({ cold, expectObservable }) => {
    const completes = scriptedSession('----1--2|').pipe(pauseWhile(cold('---t----|', truth)), told(letters));
    expectObservable(completes).toBe('(bc)(1P)R--2(e|)');
    const fails = scriptedSession('----1--2|').pipe(
      pauseWhile(cold('---t----#', truth, new Error('no'))),
      told(letters),
    );
    expectObservable(fails).toBe('(bc)(1P)(R#)', undefined, new Error('no'));
  }),
);

test('refuses what is no observable', () => {
  assert.throws(() => pauseWhile(true as never), /pauseWhile\(isPaused\): expected an observable, received boolean/);
  assert.not.throws(() => pauseWhile(NEVER));
});

test.run();
