import { delay, EMPTY, of, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import { finalOps } from '../../../lib/hook/values/final-ops.js';
import { FinalValuesEvent } from '../../../lib/hook/values/final-values-event.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { told } from '../told.js';

const test = suite('finalOps');

hookLaws({ test, factory: (scheduler) => finalOps(() => of('accuracy').pipe(delay(2, scheduler))) });
const letters = { finalValues: 'v' };

test(
  'adds the last value of what is computed, and holds the end for it',
  marbles(({ cold, expectObservable, flush }) => {
    const events: unknown[] = [];
    const run = scriptedSession('----1-2-|').pipe(finalOps(() => cold('--a--b-|')));
    expectObservable(run.pipe(told(letters))).toBe('(bc)1-2-e------(v|)');
    run.subscribe((event) => event instanceof FinalValuesEvent && events.push([event.globalStep, event.values]));
    flush();
    assert.equal(events, [[2, 'b']]);
  }),
);

test(
  'takes plain values',
  marbles(({ expectObservable, flush }) => {
    const values: unknown[] = [];
    const run = scriptedSession('----1-2-3-|').pipe(
      stopAtStep({ lastStep: 2 }),
      finalOps(({ globalStep }) => [globalStep, 'accuracy']),
    );
    expectObservable(run.pipe(told(letters))).toBe('(bc)1-(2ev|)');
    run.subscribe((event) => event instanceof FinalValuesEvent && values.push(event.values));
    flush();
    assert.equal(values, [[2, 'accuracy']]);
  }),
);

test(
  'computes nothing in a run that fails',
  marbles(({ expectObservable, flush }) => {
    let computed = 0;
    const run = scriptedSession('----1-#', { error: new Error('boom') }).pipe(finalOps(() => computed++));
    expectObservable(run.pipe(told(letters))).toBe('(bc)1-#', undefined, new Error('boom'));
    flush();
    assert.is(computed, 0);
  }),
);

test(
  'fails the run with the error of what is computed, or if there are no values',
  marbles(({ expectObservable }) => {
    const boom = new Error('no accuracy');
    const failing = scriptedSession('----1-|').pipe(
      finalOps(() => throwError(() => boom)),
      told(letters),
    );
    const throwing = scriptedSession('----1-|').pipe(
      finalOps(() => {
        throw boom;
      }),
      told(letters),
    );
    const empty = scriptedSession('----1-|').pipe(
      finalOps(() => EMPTY),
      told(letters),
    );
    expectObservable(failing).toBe(' (bc)1-(e#)', undefined, boom);
    expectObservable(throwing).toBe('(bc)1-(e#)', undefined, boom);
    const fault = new TypeError('finalOps(compute): expected values, but it completed without any');
    expectObservable(empty).toBe('   (bc)1-(e#)', undefined, fault);
  }),
);

test('refuses what is no function', () => {
  assert.throws(() => finalOps(of(1) as never), /^finalOps\(compute\): expected a function, received an Observable/);
});

test.run();
