import { from } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { stepCounter } from '../../../lib/hook/watch/step-counter.js';
import { StepRateEvent } from '../../../lib/hook/watch/step-rate-event.js';
import { fakeRun } from '../../../lib/testing/fake-run.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { lifecycle } from '../../../lib/testing/step-events.js';
import { everySeconds } from '../../../lib/trigger/every-seconds.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { logged } from '../logged.js';
import { told } from '../told.js';

const test = suite('stepCounter');

hookLaws({ test, factory: () => stepCounter({ trigger: everySteps(1) }) });

test(
  'tells the rate since the firing before, and nothing at the first',
  marbles(({ expectObservable, flush }) => {
    const logger = logged();
    const rates: unknown[] = [];
    const run = scriptedSession('----1-2-3-4---5---6---|', { logger }).pipe(stepCounter({ trigger: everySteps(2) }));
    expectObservable(run.pipe(told({ stepRate: 'r' }))).toBe('(bc)1-2-3-(r4)5---(r6)(e|)');
    run.subscribe((event) => {
      if (event instanceof StepRateEvent) rates.push([event.globalStep, event.steps, event.seconds, event.tag]);
    });
    flush();
    assert.equal(rates, [
      [4, 2, 0.004, 'global_step/sec'],
      [6, 2, 0.008, 'global_step/sec'],
    ]);
    // Two runs at once.
    const [slower, faster] = ['info: global_step/sec: 250', 'info: global_step/sec: 500'];
    assert.equal(logger.lines, [faster, faster, slower, slower]);
  }),
);

test(
  'has steps of no time in the next rate',
  marbles(({ flush }) => {
    const rates: unknown[] = [];
    scriptedSession('-(123)-4|')
      .pipe(stepCounter({ trigger: everySteps(1) }))
      .subscribe((event) => event instanceof StepRateEvent && rates.push([event.globalStep, event.stepsPerSecond]));
    flush();
    // Steps 1, 2 and 3 are taken at 1 ms, step 4 at 7 ms: a group takes as many frames as it has characters.
    assert.equal(rates, [[4, 3 / 0.006]]);
  }),
);

test(
  'counts anew after a recovery, with no rate below zero',
  marbles(({ flush }) => {
    const rates: unknown[] = [];
    const recover = { initialDelaySeconds: 0.001, jitter: 0 };
    scriptedSession('-1-2-3-#-4|', { error: new AbortedError('preempted'), recover })
      .pipe(stepCounter({ trigger: everySteps(2) }))
      .subscribe((event) => event instanceof StepRateEvent && rates.push([event.globalStep, event.steps]));
    flush();
    assert.equal(rates, [[4, 2]]);
  }),
);

test(
  'counts global steps, of which a step may be several',
  marbles(({ cold, flush }) => {
    const rates: unknown[] = [];
    const events = lifecycle({ steps: 3, globalSteps: [10, 20, 50] });
    cold('bc-1-2-3-e|', events)
      .pipe(stepCounter({ trigger: everySteps(5), tag: 'bar/foo/sec' }))
      .subscribe(
        (event) => event instanceof StepRateEvent && rates.push([event.tag, event.globalStep, event.stepsPerSecond]),
      );
    flush();
    assert.equal(rates, [
      ['bar/foo/sec', 20, 5000],
      ['bar/foo/sec', 50, 15_000],
    ]);
  }),
);

test(
  'takes any trigger',
  marbles(({ scheduler, flush }) => {
    const rates: unknown[] = [];
    scriptedSession('-1-2-3-4-5-6-|')
      .pipe(stepCounter({ trigger: everySeconds(0.005, scheduler) }))
      .subscribe((event) => event instanceof StepRateEvent && rates.push(event.globalStep));
    flush();
    assert.equal(rates, [4]);
  }),
);

test(
  'warns at every twentieth step in a row that does not advance the global step',
  marbles(({ flush }) => {
    const warned = (advances: readonly number[]): readonly string[] => {
      const logger = logged();
      const run = fakeRun({ logger });
      const { b, c } = lifecycle({ run });
      const steps = advances.map((_, i) => {
        const globalSteps = [advances.slice(0, i + 1).reduce((sum, advance) => sum + advance, 0)];
        return lifecycle({ run, steps: 1, startAt: (globalSteps[0] ?? 0) - (advances[i] ?? 0), globalSteps })[1];
      });
      from([b, c, ...steps])
        .pipe(stepCounter())
        .subscribe();
      return logger.lines;
    };
    const stale = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
    assert.equal(warned(stale(19)), []);
    assert.equal(warned(stale(20)), ['warn: 20 steps in a row have not advanced the global step']);
    assert.equal(warned(stale(45)), [
      'warn: 20 steps in a row have not advanced the global step',
      'warn: 40 steps in a row have not advanced the global step',
    ]);
    assert.equal(warned([...stale(19), 1, ...stale(19)]), []);
    flush();
  }),
);

test('refuses what is no trigger', () => {
  assert.throws(() => stepCounter({ trigger: 5 as never }), /^stepCounter\(trigger\): expected a trigger/);
});

test.run();
