// TensorFlow's test cases for its small hooks, by their numbers in the behavioural specification of its session hooks.
// Where ours do better on purpose, ours is asserted.

import { concat, of } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NanLossError } from '../../lib/error/nan-loss-error.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { globalStepWaiter } from '../../lib/hook/global-step-waiter.js';
import type { Hook } from '../../lib/hook/hook.js';
import { nanGuard } from '../../lib/hook/stop/nan-guard.js';
import { stopAfterSeconds } from '../../lib/hook/stop/stop-after-seconds.js';
import { type StopAtStepOptions, stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { feed } from '../../lib/hook/values/feed.js';
import { finalOps } from '../../lib/hook/values/final-ops.js';
import { FinalValuesEvent } from '../../lib/hook/values/final-values-event.js';
import { stepCounter } from '../../lib/hook/watch/step-counter.js';
import { type StepLoggerOptions, stepLogger } from '../../lib/hook/watch/step-logger.js';
import { StepRateEvent } from '../../lib/hook/watch/step-rate-event.js';
import { silentLogger } from '../../lib/log/logger.js';
import { type AnyEvent, StepEvent } from '../../lib/session/event.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { fakeState } from '../../lib/testing/fake-state.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { lifecycle } from '../../lib/testing/step-events.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';
import { logged } from '../hook/logged.js';

const test = suite('TensorFlow: hooks');

/** A script of so many steps, one in so many milliseconds. */
const stepsOf = (count: number, milliseconds = 10) => `${`${milliseconds - 1}ms 1 `.repeat(count)}|`;

/** The logs of a run as `step: message`. */
function logsOf({ flush }: MarbleHelpers, script: string, options: StepLoggerOptions): readonly string[] {
  const logger = logged();
  const lines: string[] = [];
  scriptedSession(script, { logger })
    .pipe(stepLogger(['loss'], options))
    .subscribe((event) => {
      for (const line of logger.lines.splice(0)) {
        lines.push(`${event.type === 'end' ? 'end' : 'globalStep' in event ? event.globalStep : ''}: ${line.slice(6)}`);
      }
    });
  flush();
  return lines;
}

const stepsIn = (lines: readonly string[]) => lines.map((line) => line.split(':')[0]);

// ---- LoggingTensorHook

test('case 45: takes exactly one interval, or the end alone', () => {
  for (const steps of [0, -10])
    assert.throws(
      () => secondOrStepTimer({ steps }),
      (error: unknown) => error instanceof RangeError,
    );
  assert.throws(
    () => secondOrStepTimer({ steps: 5, seconds: 5 } as never),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(
    () => stepLogger(['loss'], {}),
    (error: unknown) => error instanceof TypeError,
  );
});

test(
  'case 46: logs on runs 1, 11, 21 and 31, at the end only if it is to, and the same in a second run',
  marbles((helpers) => {
    const trigger = secondOrStepTimer({ steps: 10 });
    for (let run = 1; run <= 2; run++) {
      assert.equal(stepsIn(logsOf(helpers, stepsOf(32), { trigger })), ['1', '11', '21', '31']);
      assert.equal(stepsIn(logsOf(helpers, stepsOf(32), { trigger, atEnd: true })), ['1', '11', '21', '31', 'end']);
    }
  }),
);

test(
  'case 47: tells no duration at first, then one',
  marbles((helpers) => {
    const lines = logsOf(helpers, stepsOf(2), { trigger: secondOrStepTimer({ steps: 1 }) });
    assert.equal(lines, ['1: loss = 1', '2: loss = 0.5 (0.010 sec)']);
  }),
);

test(
  'case 48: logs by seconds',
  marbles((helpers) => {
    const trigger = secondOrStepTimer({ seconds: 1 });
    assert.equal(stepsIn(logsOf(helpers, '(12) 996ms 3|', { trigger })), ['1', '3']);
  }),
);

test(
  'case 49: logs at the end alone',
  marbles((helpers) => {
    assert.equal(logsOf(helpers, stepsOf(3), { atEnd: true }), ['end: loss = 0.33333333']);
  }),
);

test(
  'case 50: logs what the formatter returns',
  marbles((helpers) => {
    const options = { trigger: secondOrStepTimer({ steps: 1 }), formatter: () => 'qqq' };
    assert.equal(logsOf(helpers, stepsOf(2), options), ['1: qqq', '2: qqq']);
  }),
);

test(
  'case 51: logs the last step once',
  marbles((helpers) => {
    const lines = logsOf(helpers, stepsOf(2), { trigger: secondOrStepTimer({ steps: 1 }), atEnd: true });
    // bettered: TensorFlow logs the last value twice.
    assert.equal(stepsIn(lines), ['1', '2']);
  }),
);

// ---- StopAtStepHook

/** Whether a stop was asked for at the end of steps that lead to these global steps. */
function stopsAt(options: StopAtStepOptions, startAt: number, globalSteps: readonly number[]): readonly boolean[] {
  const run = fakeRun();
  const { b, c, ...events } = lifecycle({ run, startAt, globalSteps });
  const answers: boolean[] = [];
  const steps = globalSteps.map((_, i) => events[i + 1] as StepEvent);
  of<AnyEvent[]>(b, c, ...steps)
    .pipe(stopAtStep(options))
    .subscribe((event) => event.type === 'step' && answers.push(run.stopRequests.length > 0));
  return answers;
}

test('case 52: stops at the last step, and beyond', () => {
  assert.equal(stopsAt({ lastStep: 10 }, 0, [5, 9, 10]), [false, false, true]);
  assert.equal(stopsAt({ lastStep: 10 }, 0, [5, 9, 11]), [false, false, true]);
});

test('case 53: stops after so many steps, also where they are jumped over', () => {
  assert.equal(stopsAt({ numSteps: 10 }, 5, [13, 14, 15]), [false, false, true]);
  assert.equal(stopsAt({ numSteps: 10 }, 5, [15]), [true]);
});

test('case 54: is not misled by a run that only reads', () => {
  assert.equal(stopsAt({ lastStep: 3 }, 0, [0, 1, 2, 3]), [false, false, false, true]);
  assert.equal(stopsAt({ lastStep: 5 }, 3, [4, 5]), [false, true]);
});

test('case 55: keeps its goal across a recovery', () => {
  const run = fakeRun();
  const first = lifecycle({ run });
  const second = lifecycle({ run, startAt: 2 });
  const stops: number[] = [];
  concat([first.b, first.c, first[1], first[2], first[3]], [second.c, second[1], second[2]])
    .pipe(stopAtStep({ numSteps: 4 }))
    .subscribe((event) => {
      if (event instanceof StepEvent && run.stopRequests.length > stops.length) stops.push(event.globalStep);
    });
  assert.equal(stops, [4]);
});

// ---- StepCounterHook

function ratesOf({ flush }: MarbleHelpers, script: string, counter: Hook<StepRateEvent>): readonly StepRateEvent[] {
  const rates: StepRateEvent[] = [];
  scriptedSession(script)
    .pipe(counter)
    .subscribe((event) => event instanceof StepRateEvent && rates.push(event));
  flush();
  return rates;
}

test(
  'case 74: tells the rate at steps 11 and 21',
  marbles((helpers) => {
    const rates = ratesOf(helpers, stepsOf(30), stepCounter({ trigger: secondOrStepTimer({ steps: 10 }) }));
    assert.equal(
      rates.map(({ tag, globalStep, stepsPerSecond }) => [tag, globalStep, stepsPerSecond]),
      [
        ['global_step/sec', 11, 100],
        ['global_step/sec', 21, 100],
      ],
    );
  }),
);

test(
  'case 75: tells the rate by seconds',
  marbles((helpers) => {
    const rates = ratesOf(helpers, stepsOf(3, 200), stepCounter({ trigger: secondOrStepTimer({ seconds: 0.1 }) }));
    assert.equal(
      rates.map(({ globalStep, stepsPerSecond }) => [globalStep, stepsPerSecond]),
      [
        [2, 5],
        [3, 5],
      ],
    );
  }),
);

for (const { advance, steps, expected } of [
  { advance: 5, steps: 10, expected: [15, 25] },
  { advance: 5, steps: 5, expected: [10, 15, 20, 25] },
  { advance: 10, steps: 5, expected: [20, 30, 40, 50] },
]) {
  test(
    `case 76: counts every ${steps} steps where each run takes ${advance}`,
    marbles(({ cold, flush }) => {
      const events = lifecycle({ steps: 5, globalSteps: [1, 2, 3, 4, 5].map((i) => i * advance) });
      const seen: number[] = [];
      cold('bc1-2-3-4-5-e|', events)
        .pipe(stepCounter({ trigger: secondOrStepTimer({ steps }) }))
        .subscribe((event) => event instanceof StepRateEvent && seen.push(event.globalStep));
      flush();
      assert.equal(seen, expected);
    }),
  );
}

test(
  'case 77: tells the rate under another tag',
  marbles((helpers) => {
    const counter = stepCounter({ trigger: secondOrStepTimer({ steps: 1 }), tag: 'bar/foo/sec' });
    assert.equal(
      ratesOf(helpers, stepsOf(2), counter).map(({ tag }) => tag),
      ['bar/foo/sec'],
    );
  }),
);

test('case 78: warns if the global step stands still, and only then', () => {
  for (const { advance, warnings } of [
    { advance: 0, warnings: 1 },
    { advance: 1, warnings: 0 },
  ]) {
    const logger = logged();
    const run = fakeRun({ logger });
    const { b, c } = lifecycle({ run });
    const steps = Array.from({ length: 30 }, (_, i) => {
      const globalStep = (i + 1) * advance;
      return new StepEvent(run, fakeState(), globalStep, globalStep - advance, { loss: 1 });
    });
    of<AnyEvent[]>(b, c, ...steps)
      .pipe(stepCounter())
      .subscribe();
    assert.is(logger.lines.filter((line) => line.startsWith('warn')).length, warnings);
  }
});

// ---- NanTensorHook

test(
  'case 79: fails or stops at NaN; infinity is none',
  marbles(({ flush }) => {
    const endOf = (loss: number, action: 'fail' | 'stop') => {
      const seen = { error: undefined as unknown, hasEnd: false, saved: [] as number[] };
      const saver = fakeSaver();
      scriptedSession('-1-2-3-|', { outputs: (step) => ({ loss: step === 2 ? loss : 1 }) })
        .pipe(checkpointSaver(saver, { trigger: secondOrStepTimer({ steps: 1 }) }), nanGuard('loss', { action }))
        .subscribe({
          next: ({ type }) => {
            seen.hasEnd ||= type === 'end';
          },
          error: (error: unknown) => {
            seen.error = error;
          },
        });
      flush();
      seen.saved = saver.saved.map(({ globalStep }) => globalStep);
      return seen;
    };
    assert.equal(endOf(Number.NaN, 'fail'), {
      error: new NanLossError('loss', Number.NaN, 2),
      hasEnd: false,
      // bettered: in TensorFlow a saver that comes first has saved step 2.
      saved: [0, 1],
    });
    // bettered: TensorFlow makes a final checkpoint of the model that gave NaN.
    assert.equal(endOf(Number.NaN, 'stop'), { error: undefined, hasEnd: true, saved: [0, 1] });
    assert.equal(endOf(Number.POSITIVE_INFINITY, 'fail'), { error: undefined, hasEnd: true, saved: [0, 1, 2, 3] });
  }),
);

// ---- GlobalStepWaiterHook, FinalOpsHook, FeedFnHook, StopAtSecsHook

test(
  'case 85: waits for a global step once, and for step 0 not at all',
  marbles(({ flush }) => {
    for (const { target, looks } of [
      { target: 0, looks: 0 },
      { target: 1000, looks: 3 },
    ]) {
      const steps = [0, 500, 1100];
      let looked = 0;
      scriptedSession('-1-2-|')
        .pipe(globalStepWaiter(target, () => steps[looked++] ?? Number.NaN))
        .subscribe();
      flush();
      assert.is(looked, looks);
    }
  }),
);

test(
  'case 86: has final values at the end; running out of input in them is a failure',
  marbles(({ flush }) => {
    const values: unknown[] = [];
    scriptedSession('-1-|')
      .pipe(finalOps(({ globalStep }) => ({ globalStep })))
      .subscribe((event) => event instanceof FinalValuesEvent && values.push(event.values));
    const errors: unknown[] = [];
    const exhausted = new RangeError('the input is exhausted');
    scriptedSession('-1-|')
      .pipe(
        finalOps(() => {
          throw exhausted;
        }),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    flush();
    assert.equal(values, [{ globalStep: 1 }]);
    assert.equal(errors, [exhausted]);
  }),
);

test(
  'case 89: feeds a value in each run',
  marbles(({ scheduler, flush }) => {
    const fed: unknown[] = [];
    trainingSession({
      scaffold: { create: () => fakeState() },
      input: [1, 2],
      step: ({ feeds }) => void fed.push(feeds.get('x')),
      logger: silentLogger,
      scheduler,
    })
      .pipe(feed(({ globalStep }) => ({ x: globalStep + 10 })))
      .subscribe();
    flush();
    assert.equal(fed, [10, 11]);
  }),
);

test(
  'case 121: stops at the run in which 1000 seconds since `begin` have passed',
  marbles(({ cold, flush }) => {
    const run = fakeRun();
    const { b, c, 1: s1, 2: s2, 3: s3, 4: s4 } = lifecycle({ run });
    const stopped: boolean[] = [];
    // Subscribed to 3000 s before `begin`; steps are over 0, 500, 900 and 1100 s after it.
    cold('3000s b 999ms c 498s 999ms 1 399s 999ms 2 199s 999ms 3|', { b, c, 1: s1, 2: s2, 3: s3, 4: s4 })
      .pipe(stopAfterSeconds(1000))
      .subscribe((event) => event.type === 'step' && stopped.push(run.stopRequests.length > 0));
    flush();
    assert.equal(stopped, [false, false, true]);
    assert.equal(
      run.stopRequests.map(({ at }) => at),
      [4_000_000],
    );
  }),
);

test.run();
