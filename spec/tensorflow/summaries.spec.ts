// TensorFlow's test cases for its summary saver, by their numbers in the behavioural specification of its session hooks.
// Where ours does better on purpose, ours is asserted.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { memoryEventWriter } from '../../lib/summary/event-file/memory-event-writer.js';
import { memorySummaries } from '../../lib/summary/memory-summaries.js';
import { collect } from '../../lib/testing/collect.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { fakeState } from '../../lib/testing/fake-state.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { lifecycle } from '../../lib/testing/step-events.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';
import type { Trigger } from '../../lib/trigger/trigger.js';
import { scalarsIn, viewOf } from '../summary/read-scalars.js';

const test = suite('TensorFlow: summaries');

/** A script of so many steps, one in so many milliseconds. */
const stepsOf = (count: number, milliseconds: number): string => `${`${milliseconds - 1}ms 1 `.repeat(count)}|`;

/** At which steps values are drawn. */
function drawnSteps({ flush }: MarbleHelpers, script: string, trigger: Trigger, startAt = 0): readonly number[] {
  const sink = memorySummaries();
  const values = () => ({ one: 1, two: 2 });
  scriptedSession(script, { startAt }).pipe(summarySaver(sink, { trigger, values })).subscribe();
  flush();
  const steps = (tag: string) => sink.scalars.get(tag)?.map(({ globalStep }) => globalStep) ?? [];
  assert.equal(steps('one'), steps('two'), 'both outputs at each step');
  return steps('one');
}

test('case 80: takes a sink and exactly one schedule', () => {
  const sink = memorySummaries();
  assert.throws(() => secondOrStepTimer({} as never), TypeError);
  assert.throws(() => secondOrStepTimer({ steps: 5, seconds: 5 } as never), TypeError);
  assert.throws(() => summarySaver(sink, {} as never), TypeError);
  assert.throws(() => summarySaver(undefined as never, { trigger: everySteps(1) }), TypeError);
});

test(
  'case 81: draws after the first step and then every 8, all outputs at each; anew from where a run goes on',
  marbles((helpers) => {
    const trigger = secondOrStepTimer({ steps: 8 });
    assert.equal(drawnSteps(helpers, stepsOf(30, 10), trigger), [1, 9, 17, 25]);
    assert.equal(drawnSteps(helpers, stepsOf(20, 10), trigger, 100), [101, 109, 117]);
  }),
);

test(
  'case 81: a schedule of ours is the same before and after a restart',
  marbles((helpers) => {
    assert.equal(drawnSteps(helpers, stepsOf(30, 10), everySteps(8)), [8, 16, 24]);
    assert.equal(drawnSteps(helpers, stepsOf(20, 10), everySteps(8), 10), [16, 24]);
  }),
);

test(
  'case 81: a mark of the beginning comes before the first summary',
  marbles(({ flush }) => {
    const writer = memoryEventWriter({ wallClock: () => 0 });
    const run = (startAt: number, script: string) =>
      scriptedSession(script, { startAt }).pipe(summarySaver(writer, { trigger: secondOrStepTimer({ steps: 8 }) }));
    run(0, stepsOf(120, 1)).subscribe();
    flush();
    run(100, stepsOf(20, 1)).subscribe();
    flush();
    const view = viewOf(writer.files());
    // TensorFlow puts the mark of the second run at 101, too; ours comes before its first step rather than after it.
    assert.equal(
      scalarsIn(view)
        .get('loss')
        ?.map(([step]) => step)
        .slice(-5),
      [89, 97, 101, 109, 117],
    );
    assert.is(view.purgedPoints, 2);
  }),
);

test(
  'case 82: draws when seconds have passed since the last time',
  marbles((helpers) => {
    assert.equal(drawnSteps(helpers, stepsOf(8, 3100), secondOrStepTimer({ seconds: 9 })), [1, 4, 7]);
    assert.equal(drawnSteps(helpers, stepsOf(8, 500), secondOrStepTimer({ seconds: 0.5 })), [1, 2, 3, 4, 5, 6, 7, 8]);
  }),
);

test(
  'case 83: nothing is computed that nobody draws, where TensorFlow computes in every run what it throws away',
  marbles(({ cold, flush }) => {
    assert.throws(() => summarySaver([], { trigger: everySteps(1) }), RangeError);
    const run = fakeRun();
    const requested: number[] = [];
    run.addFetch('summary', undefined);
    cold('(bc)A1B2C3D4E5F6(e|)', lifecycle({ run, steps: 6 }))
      .pipe(
        run.deliver(),
        summarySaver(memorySummaries(), { trigger: everySteps(3), values: { fetches: ['summary'] } }),
      )
      .subscribe((event) => {
        if (event.type === 'beforeStep' && run.requested.has('summary')) requested.push(event.globalStep + 1);
      });
    flush();
    assert.equal(run.failures, []);
    assert.equal(requested, [3, 6]);
  }),
);

test('case 84: steps of 5 are drawn when 8 have passed (TensorFlow, which expects steps of 1: 5, 25, 45)', async () => {
  for (const [trigger, expected] of [
    [secondOrStepTimer({ steps: 8 }), [5, 15, 25, 35, 45]],
    [everySteps(8), [10, 20, 25, 35, 40, 50]],
  ] as const) {
    const sink = memorySummaries();
    const session = trainingSession({
      scaffold: { create: () => fakeState() },
      input: Array.from({ length: 10 }, (_, i) => i),
      step: (context) => {
        context.advanceBy(5);
        return { loss: 1 };
      },
      logger: silentLogger,
    });
    await collect(session.pipe(summarySaver(sink, { trigger })));
    assert.equal(
      sink.scalars.get('loss')?.map(({ globalStep }) => globalStep),
      expected,
    );
  }
});

test.run();
