import { lastValueFrom, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointFrom } from '../../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { HookFailedError } from '../../../lib/error/hook-failed-error.js';
import { StateMismatchError } from '../../../lib/error/state-mismatch-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { statefulHook } from '../../../lib/hook/state/stateful-hook.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import type { FakeOutputs } from '../../../lib/testing/fake-outputs.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { cutEverywhere } from './cut-everywhere.js';

const test = suite('statefulHook');

/** Counts, sums in an array, and says the sum at every second step. */
const sums = (key?: string) =>
  statefulHook<{ count: number; sums: Float32Array; least: number }, MetricsEvent, FakeOutputs>('sums', {
    key,
    initial: () => ({ count: 0, sums: new Float32Array(2), least: Number.POSITIVE_INFINITY }),
    step: ({ count, sums: [sum = 0, squares = 0], least }, { outputs: { loss }, globalStep }, output) => {
      const next = Float32Array.of(sum + loss, squares + loss * loss);
      if (count % 2 === 1) output.emit(new MetricsEvent('sums', globalStep, new Map([['sum', next[0] ?? 0]])));
      return { count: count + 1, sums: next, least: Math.min(least, loss) };
    },
  });

hookLaws({ test, factory: () => sums() });

test('a run that is cut anywhere goes on as if it were not', () =>
  cutEverywhere((restore) => scriptedSession('(12345678|)', { restore }).pipe(sums())));

test('a recovery takes the state back with everything else', async () => {
  const counts: number[] = [];
  const store = memoryStore();
  await lastValueFrom(
    scriptedSession('(123#5|)', {
      error: new AbortedError('preempted'),
      recover: { initialDelaySeconds: 0 },
      restore: { load: () => checkpointFrom(store, 'model.ckpt-2').load() },
    }).pipe(toArray()),
  ).then(
    () => assert.unreachable('there is no checkpoint yet'),
    () => {},
  );
  let isThere = false;
  await lastValueFrom(
    scriptedSession('(123#5|)', {
      error: new AbortedError('preempted'),
      recover: { initialDelaySeconds: 0 },
      restore: { load: () => (isThere ? checkpointFrom(store, 'model.ckpt-2').load() : []) as never },
    }).pipe(
      statefulHook<{ count: number }>('count', {
        initial: () => ({ count: 0 }),
        step: ({ count }) => {
          counts.push(count);
          isThere = true;
          return { count: count + 1 };
        },
      }),
      checkpointSaver(storeSaver(store), { trigger: everySteps(2) }),
    ),
  );
  assert.equal(counts, [0, 1, 2, 2, 3, 4]);
});

test('two hooks with one key are a clear error', async () => {
  const run = lastValueFrom(scriptedSession('(1|)').pipe(sums(), sums()));
  await run.then(
    () => assert.unreachable(),
    (error) => {
      assert.instance(error, HookFailedError);
      assert.match(error.message, /two hooks have the key "sums"; give one of them another `key`/);
    },
  );
  await lastValueFrom(scriptedSession('(1|)').pipe(sums(), sums('others')));
});

test('a saved state of another shape, or one that decode refuses, is refused', async () => {
  const store = memoryStore();
  await lastValueFrom(
    scriptedSession('(12|)').pipe(sums('s'), checkpointSaver(storeSaver(store), { trigger: everySteps(1) })),
  );
  const restore = checkpointFrom(store, 'model.ckpt-2');
  const fault = (hook: ReturnType<typeof sums>): Promise<string> =>
    lastValueFrom(scriptedSession('(123|)', { restore }).pipe(hook)).then(
      () => 'none',
      (error) => {
        assert.instance(error, StateMismatchError);
        return error.message;
      },
    );
  const other = statefulHook<{ count: string }, never, FakeOutputs>('s', { initial: () => ({ count: '' }) });
  assert.match(await fault(other), /state of hook "s": it\.count is a number, expected a string/);
  const strict = statefulHook<number, never, FakeOutputs>('s', {
    initial: () => 0,
    decode: () => {
      throw new RangeError('count is too low');
    },
  });
  assert.match(await fault(strict), /state of hook "s": count is too low/);
  assert.is(await fault(statefulHook('s', { initial: () => 0, decode: () => 7 })), 'none');
});

test('wrong arguments are told at once', () => {
  assert.throws(() => statefulHook('x', { initial: 3 as never }), /statefulHook\(initial\): expected a function/);
  assert.throws(() => statefulHook('x', { initial: () => 0, step: 1 as never }), /statefulHook\(step\)/);
});

test.run();
