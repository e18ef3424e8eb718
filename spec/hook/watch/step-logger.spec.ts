import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type StepLoggerOptions, stepLogger } from '../../../lib/hook/watch/step-logger.js';
import { fakeRun } from '../../../lib/testing/fake-run.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../../lib/testing/marbles.js';
import { type ScriptedSessionOptions, scriptedSession } from '../../../lib/testing/scripted-session.js';
import { type FakeOutputs, lifecycle } from '../../../lib/testing/step-events.js';
import { everySeconds } from '../../../lib/trigger/every-seconds.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { logged } from '../logged.js';

const test = suite('stepLogger');

hookLaws({ test, factory: () => stepLogger(['loss'], { trigger: everySteps(2), atEnd: true }) });

/** What is logged of a run. */
function linesOf(
  { flush }: MarbleHelpers,
  script: string,
  options: StepLoggerOptions,
  session: Partial<ScriptedSessionOptions<FakeOutputs>> = {},
): readonly string[] {
  const logger = logged();
  scriptedSession(script, { ...session, logger } as ScriptedSessionOptions<FakeOutputs>)
    .pipe(stepLogger(options.fetches === undefined ? ['loss'] : [], options))
    .subscribe({ error: (error: Error) => logger.lines.push(`failed: ${error.message}`) });
  flush();
  return logger.lines;
}

test(
  'logs at each firing, with the time since the one before',
  marbles((helpers) => {
    assert.equal(linesOf(helpers, '-1-2---3-4-|', { trigger: everySteps(2) }), [
      'info: loss = 0.5',
      'info: loss = 0.25 (0.006 sec)',
    ]);
  }),
);

test(
  'logs at the end what was not logged yet',
  marbles((helpers) => {
    const options = { trigger: everySteps(2), atEnd: true };
    assert.equal(linesOf(helpers, '-1-2-3--|', options), ['info: loss = 0.5', 'info: loss = 0.33333333 (0.005 sec)']);
  }),
);

test(
  'does not log the last step twice',
  marbles((helpers) => {
    assert.equal(linesOf(helpers, '-1-2-|', { trigger: everySteps(2), atEnd: true }), ['info: loss = 0.5']);
  }),
);

test(
  'logs at the end alone, if there is no trigger, and nothing of a run without steps',
  marbles((helpers) => {
    assert.equal(linesOf(helpers, '-1-2-|', { atEnd: true }), ['info: loss = 0.5']);
    assert.equal(linesOf(helpers, '-|', { atEnd: true }), []);
  }),
);

test(
  'logs what the formatter returns',
  marbles((helpers) => {
    const formatter = (values: ReadonlyMap<string, unknown>) => `values: ${[...values].join()}`;
    assert.equal(linesOf(helpers, '-1-2-|', { trigger: everySteps(1), formatter }), [
      'info: values: loss,1',
      'info: values: loss,0.5',
    ]);
  }),
);

test(
  'logs all that it is asked for, in that order',
  marbles(({ flush }) => {
    const logger = logged();
    scriptedSession('-1-|', { logger, outputs: () => ({ b: 1, a: Float32Array.of(0.5, 2), c: 'none' }) })
      .pipe(stepLogger(['c', 'b', 'a'], { trigger: everySteps(1) }))
      .subscribe();
    flush();
    assert.equal(logger.lines, ['info: c = none, b = 1, a = [0.5 2]']);
  }),
);

test(
  'computes fetches only when it logs',
  marbles((helpers) => {
    let computed = 0;
    const fetches = { norm: () => ++computed * 10 };
    const options = { trigger: everySteps(3), fetches: ['norm'] };
    assert.equal(linesOf(helpers, '-1-2-3-4-5-6-7|', options, { fetches }), [
      'info: norm = 10',
      'info: norm = 20 (0.006 sec)',
    ]);
  }),
);

test(
  'asks for fetches before the steps at which it may log, and logs a step later where one jumped',
  marbles(({ cold, flush }) => {
    const logger = logged();
    const run = fakeRun({ logger });
    const globalSteps = [1, 2, 3, 7, 8, 9];
    const events = lifecycle({ run, steps: 6, globalSteps });
    const asked: number[] = [];
    events.b.addFetch('gradients');
    cold('bcA1B2C3D4E5F6e|', events)
      .pipe(run.deliver(), stepLogger([], { trigger: everySteps(3), fetches: ['gradients'] }))
      .subscribe((event) => {
        if (event.type !== 'beforeStep' || !('globalStep' in event)) return;
        if (!run.requested.has('gradients')) return;
        asked.push(event.globalStep);
        run.provide('gradients', event.globalStep * 100);
      });
    flush();
    assert.equal(run.failures, []);
    // Before 3 it was foretold; 6 was jumped over from 3 to 7, so the step from 7 to 8 is logged; the 9 was foretold.
    assert.equal(asked, [2, 7, 8]);
    assert.equal(logger.lines, [
      'info: gradients = 200',
      'info: gradients = 700 (0.004 sec)',
      'info: gradients = 800 (0.002 sec)',
    ]);
  }),
);

test(
  'takes triggers of time',
  marbles((helpers) => {
    const { scheduler } = helpers;
    assert.equal(linesOf(helpers, '-1-2-3-4-|', { trigger: everySeconds(0.004, scheduler) }), [
      'info: loss = 1',
      'info: loss = 0.33333333 (0.004 sec)',
    ]);
  }),
);

test(
  'fails with names if a step does not return what is to be logged',
  marbles(({ flush }) => {
    const errors: string[] = [];
    scriptedSession('-1-|', { outputs: () => ({ accuracy: 1 }) })
      .pipe(stepLogger(['loss'], { trigger: everySteps(1) }) as never)
      .subscribe({ error: (error: Error) => errors.push(error.message) });
    flush();
    assert.match(errors.join(), /stepLogger\(outputs\): expected the step to return "loss", received accuracy/);
  }),
);

test('refuses wrong arguments', () => {
  const trigger = everySteps(1);
  assert.throws(() => stepLogger([], { trigger }), /^stepLogger\(outputs\): expected the names of outputs/);
  assert.throws(() => stepLogger(['loss'], {}), /^stepLogger\(options\): expected a trigger, or `atEnd`, or both/);
  assert.throws(() => stepLogger(['a'], { atEnd: true, fetches: ['b'] }), /^stepLogger\(fetches\): expected a trigger/);
  assert.throws(() => stepLogger(['a'], { trigger: 1 as never }), /^stepLogger\(trigger\): expected a trigger/);
  assert.throws(() => stepLogger(['a'], { trigger, formatter: 'x' as never }), /^stepLogger\(formatter\): expected a/);
});

test.run();
