import { lastValueFrom, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { evaluate } from '../../../lib/hook/learn/evaluate.js';
import { learningRateSchedule } from '../../../lib/hook/learn/learning-rate-schedule.js';
import { plateauRate } from '../../../lib/hook/learn/plateau-rate.js';
import { stepDecay } from '../../../lib/hook/learn/rate-schedule.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import type { FakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { cutEverywhere } from '../state/cut-everywhere.js';

const test = suite('learningRateSchedule');
const decay = stepDecay({ from: 1, factor: 0.5, every: 2 });

hookLaws({ test, factory: () => learningRateSchedule(() => {}, decay, { publish: everySteps(2) }) as never });

test('sets the rate before the step, and only when it changes', async () => {
  const calls: string[] = [];
  await lastValueFrom(
    scriptedSession('(12345|)').pipe(
      learningRateSchedule((state: FakeState, rate) => calls.push(`${state.model.steps}:${rate}`), decay),
    ),
  );
  assert.equal(calls, ['0:1', '2:0.5', '4:0.25']);
});

test('sets it anew after a restart and a recovery', async () => {
  const calls: string[] = [];
  const set = (_: FakeState, rate: number): unknown => calls.push(`${rate}`);
  await lastValueFrom(scriptedSession('(67|)', { startAt: 5 }).pipe(learningRateSchedule(set, decay)));
  assert.equal(calls, ['0.25', '0.125']);
  calls.length = 0;
  const error = new AbortedError('preempted');
  const recovering = scriptedSession('(1#|)', { error, recover: { initialDelaySeconds: 0 } });
  await lastValueFrom(recovering.pipe(learningRateSchedule(set, decay)));
  assert.equal(calls, ['1', '1']);
});

test('tells the rate that the step had', async () => {
  const told: string[] = [];
  await lastValueFrom(
    scriptedSession('(123456|)').pipe(
      learningRateSchedule(() => {}, decay, { publish: everySteps(2), name: 'adam' }),
      tap((event) => {
        if (event instanceof MetricsEvent)
          told.push(`${event.source} ${event.globalStep} ${event.metrics.get('rate')}`);
      }),
    ),
  );
  assert.equal(told, ['adam 2 1', 'adam 4 0.5', 'adam 6 0.25']);
});

test('a plateau of what steps return, or of what is measured, goes on exactly when cut', async () => {
  const losses = [5, 4, 4, 4, 3, 3, 3, 3, 3];
  const outputs = (globalStep: number) => ({ loss: losses[globalStep - 1] ?? 0 });
  const options = { rate: decay, mode: 'min', patience: 1, factor: 0.1 } as const;
  const publish = { publish: everySteps(1) };
  await cutEverywhere((restore) =>
    scriptedSession('(123456789|)', { outputs, restore }).pipe(
      learningRateSchedule(() => {}, plateauRate('loss', options), publish),
    ),
  );
  await cutEverywhere((restore) =>
    scriptedSession('(123456789|)', { outputs, restore }).pipe(
      evaluate({ on: everySteps(2), run: (_: FakeState, step) => outputs(step), atEnd: false }),
      learningRateSchedule(() => {}, plateauRate('validation/loss', options), publish),
    ),
  );
});

test('wrong arguments, and rates that are none, are told', async () => {
  assert.throws(() => learningRateSchedule(1 as never, 1), /learningRateSchedule\(set\)/);
  assert.throws(() => learningRateSchedule(() => {}, 'x' as never), /learningRateSchedule\(schedule\)/);
  assert.throws(() => learningRateSchedule(() => {}, {} as never), /schedule|metric/);
  await lastValueFrom(
    scriptedSession('(1|)').pipe(
      learningRateSchedule(
        () => {},
        () => Number.NaN,
      ),
    ),
  ).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /expected a finite rate for step 0, received NaN/),
  );
});

test.run();
