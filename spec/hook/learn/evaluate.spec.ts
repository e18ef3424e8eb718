import { delay, lastValueFrom, type Observable, of, tap, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { asyncCheckpointSaver } from '../../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { type EvaluateOptions, evaluate } from '../../../lib/hook/learn/evaluate.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { fakeBackground } from '../../../lib/testing/fake-background.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import type { FakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { told } from '../told.js';

const test = suite('evaluate');
const measure = (state: FakeState) => ({ trained: state.model.steps });

/** `step:value` of each measurement. */
async function measured(run: Observable<AnyEvent>): Promise<readonly string[]> {
  const seen: string[] = [];
  await lastValueFrom(
    run.pipe(
      tap((event) => {
        if (event instanceof MetricsEvent) seen.push(`${event.globalStep}:${event.metrics.get('trained')}`);
      }),
    ),
  );
  return seen;
}

hookLaws({
  test,
  factory: () => evaluate<FakeState>({ on: everySteps(2), run: measure, atStart: true }) as never,
});

test('measures at the firings and at the end, and no step twice', async () => {
  const at = (script: string, options?: Partial<EvaluateOptions<FakeState>>) =>
    measured(scriptedSession(script).pipe(evaluate({ on: everySteps(2), run: measure, ...options })));
  assert.equal(await at('(12345|)'), ['2:2', '4:4', '5:5']);
  assert.equal(await at('(1234|)'), ['2:2', '4:4']);
  assert.equal(await at('(1234|)', { atStart: true }), ['0:0', '2:2', '4:4']);
  assert.equal(await at('(12345|)', { atEnd: false }), ['2:2', '4:4']);
  assert.equal(await at('|', { atStart: true }), ['0:0']);
});

/** What is told, and when: `M@5`. */
function timed(run: Observable<AnyEvent>, { scheduler, flush }: MarbleHelpers): string {
  const words: string[] = [];
  run.pipe(told({ metrics: 'M', beforeSave: 'S' })).subscribe((word) => words.push(`${word}@${scheduler.now()}`));
  flush();
  return words.join(' ');
}

test(
  'holds the loop, and speaks before the saver saves',
  marbles((helpers) => {
    const run = scriptedSession('-1-2-3-|').pipe(
      evaluate({ on: everySteps(2), run: () => of({ a: 1 }).pipe(delay(3, helpers.scheduler)), atEnd: false }),
      checkpointSaver(fakeSaver(), { trigger: everySteps(2) }),
    );
    assert.is(timed(run, helpers), 'b@0 c@0 S@0 1@1 2@3 M@6 S@6 3@8 e@10 S@10');
  }),
);

test('what it finds is in the checkpoint of its step, where the best ones can be kept', async () => {
  const found: (number | undefined)[] = [];
  await lastValueFrom(
    scriptedSession('(1234|)').pipe(
      evaluate({ on: everySteps(2), run: measure }),
      checkpointSaver(fakeSaver(), { trigger: everySteps(2) }),
      tap((event) => event.type === 'afterSave' && found.push(event.checkpoint.metrics.get('validation/trained'))),
    ),
  );
  assert.equal(found, [undefined, 2, 4]);
});

test('with checkpoints, measures what was saved, but not at the creation', async () => {
  const run = (steps: number, options?: Partial<EvaluateOptions<FakeState>>) =>
    measured(
      scriptedSession(`(${'x'.repeat(steps)}|)`).pipe(
        checkpointSaver(fakeSaver(), { trigger: everySteps(10) }),
        evaluate({ on: 'checkpoints', run: measure, ...options }),
      ),
    );
  assert.equal(await run(22), ['10:10', '20:20', '22:22']);
  assert.equal(await run(20), ['10:10', '20:20']);
  assert.equal(await run(22, { atEnd: false }), ['10:10', '20:20', '22:22']);
});

test(
  'after a save in the background, measures a step as it is, and not what is half-way to the next',
  marbles(({ scheduler, flush }) => {
    const seen: string[] = [];
    scriptedSession('-1---2---3---4---5---6|')
      .pipe(
        asyncCheckpointSaver(fakeBackground({ write: () => timer(2, scheduler) }), { trigger: everySteps(2) }),
        evaluate<FakeState>({ on: 'checkpoints', run: measure, atEnd: false }),
      )
      .subscribe((event) => {
        if (event.type === 'afterSave') seen.push(`saved ${event.globalStep}@${scheduler.now()}`);
        if (event.type === 'metrics')
          seen.push(`${event.globalStep}:${event.metrics.get('trained')}@${scheduler.now()}`);
      });
    flush();
    assert.is(seen.join(' '), 'saved 0@2 saved 2@7 3:3@9 saved 4@15 5:5@17 saved 6@23');
  }),
);

test(
  'leaves time between two evaluations, but measures the last step',
  marbles((helpers) => {
    const run = (minIntervalSeconds: number) =>
      scriptedSession('-1-2-3-4|').pipe(evaluate({ on: everySteps(1), run: () => ({ a: 1 }), minIntervalSeconds }));
    assert.is(timed(run(0.004), helpers), 'b@0 c@0 1@1 M@1 2@3 3@5 M@5 4@7 e@8 M@8');
  }),
);

test('measures again what a recovery takes back', async () => {
  const run = scriptedSession('(12#4|)', {
    error: new AbortedError('preempted'),
    recover: { initialDelaySeconds: 0 },
  }).pipe(evaluate({ on: everySteps(2), run: measure }));
  assert.equal(await measured(run), ['2:2', '2:2', '4:4']);
});

test('what it finds must be numbers', async () => {
  for (const [found, fault] of [
    [{}, /expected numbers by name, received none/],
    [{ a: 'x' }, /expected a number "a", received "x"/],
    [undefined, /received none/],
  ] as const) {
    const run = scriptedSession('(1|)').pipe(evaluate({ on: everySteps(1), run: () => found as never }));
    await lastValueFrom(run).then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, fault),
    );
  }
});

test('wrong arguments are told at once', () => {
  const options = { on: everySteps(1), run: () => ({ a: 1 }) };
  assert.throws(() => evaluate({ ...options, run: 1 as never }), /evaluate\(run\)/);
  assert.throws(
    () => evaluate({ ...options, on: 'ends' as never }),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(
    () => evaluate({ ...options, name: 'a/b' }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => evaluate({ ...options, minIntervalSeconds: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
