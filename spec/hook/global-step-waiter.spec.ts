import { delay, of, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { globalStepWaiter } from '../../lib/hook/global-step-waiter.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { logged } from './logged.js';
import { told } from './told.js';

const test = suite('globalStepWaiter');

hookLaws({ test, factory: (scheduler) => globalStepWaiter(5, () => of(5).pipe(delay(2, scheduler))) });

/** A global step that is `steps[n]` at the nth look. */
function reader(...steps: readonly number[]) {
  let looks = 0;
  return { read: () => steps[looks++] ?? Number.NaN, looks: () => looks };
}

test(
  'holds the first step until the global step is reached',
  marbles(({ expectObservable, flush }) => {
    const { read, looks } = reader(0, 500, 1100);
    const run = scriptedSession('-1-2-|').pipe(globalStepWaiter(1000, read, { pollSeconds: 0.01 }), told());
    expectObservable(run).toBe('(bc) 17ms 1-2-(e|)');
    flush();
    assert.is(looks(), 3);
  }),
);

test(
  'waits half a second between two looks',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('-1-|').pipe(globalStepWaiter(5, reader(4, 5).read), told());
    expectObservable(run).toBe('(bc) 497ms 1-(e|)');
  }),
);

test(
  'does not look at all for step 0',
  marbles(({ expectObservable, flush }) => {
    const { read, looks } = reader();
    expectObservable(scriptedSession('----1-|').pipe(globalStepWaiter(0, read), told())).toBe('(bc)1-(e|)');
    flush();
    assert.is(looks(), 0);
  }),
);

test(
  'takes its time to look, and fails the run if that fails',
  marbles(({ expectObservable }) => {
    const slow = globalStepWaiter(5, () => of(5).pipe(delay(7)));
    expectObservable(scriptedSession('-1-|').pipe(slow, told())).toBe('(bc)----1-(e|)');
    const failing = globalStepWaiter(5, () => throwError(() => new Error('no chief')));
    expectObservable(scriptedSession('-1-|').pipe(failing, told())).toBe('(bc#)', undefined, new Error('no chief'));
  }),
);

test(
  'waits once, not again after a recovery',
  marbles(({ expectObservable, flush }) => {
    const { read, looks } = reader(4, 5);
    const recover = { initialDelaySeconds: 0.001, jitter: 0 };
    const run = scriptedSession('-1-#-3|', { error: new AbortedError('preempted'), recover });
    expectObservable(run.pipe(globalStepWaiter(5, read, { pollSeconds: 0.005 }), told())).toBe('(bc)--1--c1-2-3(e|)');
    flush();
    assert.is(looks(), 2);
  }),
);

test(
  'gives up when its signal is aborted',
  marbles(({ scheduler, expectObservable }) => {
    const abort = new AbortController();
    scheduler.schedule(() => abort.abort(new Error('SIGTERM')), 700);
    const { signal } = abort;
    const run = scriptedSession('-1-2-|', { signal }).pipe(
      globalStepWaiter(5, () => 0, { signal }),
      told(),
    );
    expectObservable(run).toBe('(bc) 696ms (e|)');
  }),
);

test(
  'logs at first, and when it is a thousand steps further on',
  marbles(({ flush }) => {
    const logger = logged();
    scriptedSession('-1-|', { logger })
      .pipe(globalStepWaiter(5000, reader(0, 600, 1100, 2100, 2101, 5000).read))
      .subscribe();
    flush();
    assert.equal(logger.lines, [
      'info: waiting for global step 5000 before the first step; it is 0',
      'info: waiting for global step 5000 before the first step; it is 1100',
      'info: waiting for global step 5000 before the first step; it is 2101',
    ]);
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => globalStepWaiter(-1, () => 0), /^globalStepWaiter\(globalStep\): expected a whole number from 0/);
  assert.throws(() => globalStepWaiter(1, 5 as never), /^globalStepWaiter\(read\): expected a function, received 5/);
  assert.throws(() => globalStepWaiter(1, () => 0, { pollSeconds: 0 }), /^globalStepWaiter\(pollSeconds\): expected/);
});

test.run();
