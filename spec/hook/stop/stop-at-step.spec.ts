import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { type StopAtStepOptions, stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import { fakeRun } from '../../../lib/testing/fake-run.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { lifecycle } from '../../../lib/testing/step-events.js';
import { told } from '../told.js';

const test = suite('stopAtStep');

hookLaws({ test, factory: () => stopAtStep({ numSteps: 9 }) });

interface Row {
  readonly title: string;
  readonly options: StopAtStepOptions;
  readonly startAt?: number;
  readonly globalSteps?: readonly number[];
  /** The steps at which a stop was asked for, if nobody heeded it. */
  readonly stops: readonly number[];
}

const rows: readonly Row[] = [
  { title: 'stops at its last step', options: { lastStep: 3 }, stops: [3, 4] },
  {
    title: 'stops beyond it where a step jumps over it',
    options: { lastStep: 10 },
    globalSteps: [5, 9, 12, 13],
    stops: [12, 13],
  },
  { title: 'stops after so many steps', options: { numSteps: 2 }, startAt: 5, stops: [7, 8, 9] },
  {
    title: 'is not misled by steps that do not advance',
    options: { numSteps: 2 },
    globalSteps: [0, 0, 1, 2],
    stops: [2],
  },
  { title: 'leaves a run alone that does not come so far', options: { lastStep: 5 }, stops: [] },
];

for (const { title, options, startAt, globalSteps, stops } of rows) {
  test(
    title,
    marbles(({ cold, flush }) => {
      const run = fakeRun();
      const events = lifecycle({ run, steps: 4, startAt, globalSteps });
      const stopped: number[] = [];
      cold('bc1234e|', events)
        .pipe(stopAtStep(options))
        .subscribe((event) => {
          if (event.type === 'step' && run.stopRequests.length > stopped.length) stopped.push(event.globalStep);
        });
      flush();
      assert.equal(stopped, stops);
    }),
  );
}

test(
  'ends the run',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1-2-3-4-|').pipe(stopAtStep({ lastStep: 3 }), told());
    expectObservable(run).toBe(' (bc)1-2-(3e|)');
  }),
);

test(
  'takes no step if it starts where it is to stop, or beyond',
  marbles(({ expectObservable }) => {
    for (const lastStep of [0, 4, 5]) {
      const run = scriptedSession('-1-2-|', { startAt: 5 }).pipe(stopAtStep({ lastStep }), told());
      expectObservable(run).toBe('(bce|)');
    }
  }),
);

test(
  'tells why',
  marbles(({ flush }) => {
    const reasons: unknown[] = [];
    for (const lastStep of [0, 2]) {
      scriptedSession('-1-2-3|')
        .pipe(stopAtStep({ lastStep }))
        .subscribe((event) => {
          if (event.type === 'end') reasons.push(event.reason);
        });
    }
    flush();
    assert.equal(reasons, ['step 0 is reached already', 'step 2 is reached']);
  }),
);

test(
  'does not move its goal when the run recovers, and counts for each run',
  marbles(({ expectObservable }) => {
    const error = new AbortedError('preempted');
    const recover = { initialDelaySeconds: 0.002, jitter: 0 };
    const session = scriptedSession('----1-2-#-4-5-6-7-8-|', { error, recover, startAt: 3 });
    const run = session.pipe(stopAtStep({ numSteps: 4 }), told());
    // Restored at 3, from which the whole script is taken again; the goal is 7.
    const expected = ' (bc)4-5---c---4-5-6-(7e|)';
    expectObservable(run).toBe(expected);
    expectObservable(run).toBe(expected);
  }),
);

test('refuses wrong options', () => {
  assert.throws(
    () => stopAtStep({} as never),
    /^stopAtStep\(options\): expected either numSteps or lastStep, received neither/,
  );
  assert.throws(() => stopAtStep({ numSteps: 1, lastStep: 2 } as never), /received both/);
  assert.throws(() => stopAtStep({ numSteps: 0 }), /^stopAtStep\(numSteps\): expected a whole number from 1/);
  assert.throws(() => stopAtStep({ lastStep: 1.5 }), /^stopAtStep\(lastStep\): expected a whole number from 0/);
});

test.run();
