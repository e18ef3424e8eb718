// TensorFlow's test cases for making sessions, by their numbers in the behavioural specification of its session hooks.
// Where ours do better on purpose, ours is asserted.

import { lastValueFrom, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointFrom, latestFrom } from '../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import { DeadlineExceededError } from '../../lib/error/deadline-exceeded-error.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { installedHooks } from '../../lib/hook/monitored/describe-session.js';
import {
  type MonitoredTrainingSessionOptions,
  monitoredTrainingSession,
} from '../../lib/hook/monitored/monitored-training-session.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { SessionCreatedEvent } from '../../lib/session/event.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { type FakeState, fakeState } from '../../lib/testing/fake-state.js';
import { marbles } from '../../lib/testing/marbles.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('TensorFlow: session factory');
type Options = MonitoredTrainingSessionOptions<FakeState, number, { loss: number }>;

const session = (steps: number, options: Partial<Options> = {}) =>
  monitoredTrainingSession<FakeState, number, { loss: number }>({
    scaffold: { create: () => fakeState() },
    input: Array.from({ length: steps }, (_, i) => i),
    step: ({ state }) => {
      state.model.train();
      return { loss: 1 };
    },
    logger: silentLogger,
    ...options,
  });

/** Where a session of these options starts. */
async function startOf(
  options: Partial<Options>,
): Promise<{ step: number; trained: number; prefix: string | undefined }> {
  let created: SessionCreatedEvent<FakeState> | undefined;
  let trained = 0;
  await lastValueFrom(
    session(200, options).pipe(
      tap((event) => {
        if (event.type !== 'sessionCreated') return;
        created = event as SessionCreatedEvent<FakeState>;
        trained = created.state.model.steps;
        event.requestStop('seen');
      }),
    ),
    { defaultValue: undefined },
  );
  if (created === undefined) throw new Error('no session was created');
  return { step: created.globalStep, trained, prefix: created.restored?.prefix };
}

const OFF = { saveCheckpointSeconds: null, saveCheckpointSteps: null };

test('case 90: a chief with a place goes on where it was; with saving off it starts again', async () => {
  const store = memoryStore();
  await lastValueFrom(session(2, { store }));
  const reader = { restore: latestFrom(store) };
  assert.equal(await startOf(reader), { step: 2, trained: 2, prefix: 'model.ckpt-2' });

  const unsaved = memoryStore();
  await lastValueFrom(session(2, { store: unsaved, ...OFF }));
  assert.equal(await startOf({ restore: latestFrom(unsaved) }), { step: 0, trained: 0, prefix: undefined });
});

test('case 91: 100 steps, saved every 100, go on at 100', async () => {
  const store = memoryStore();
  await lastValueFrom(session(100, { store, saveCheckpointSteps: 100 }));
  assert.is((await startOf({ restore: latestFrom(store) })).step, 100);
});

test('case 92 (bettered): both intervals together are whichever comes first; only both off is off', () => {
  const savers = (options: Partial<Options>): number =>
    installedHooks(session(1, { store: memoryStore(), ...options })).filter((name) => name === 'checkpointSaver')
      .length;
  assert.is(savers({ saveCheckpointSeconds: 60, saveCheckpointSteps: 10 }), 1);
  assert.is(savers({ saveCheckpointSeconds: 60, saveCheckpointSteps: 0 }), 1);
  assert.is(savers(OFF), 0);
  // In TensorFlow this alone turned saving off, without a word.
  assert.is(savers({ saveCheckpointSeconds: null }), 1);
  assert.is(savers({}), 1);
});

test('case 93: the state is made anew in any case, and is what was saved if there is anything', async () => {
  const store = memoryStore();
  let made = 0;
  const scaffold = {
    create: () => {
      made++;
      return fakeState(7);
    },
  };
  await lastValueFrom(session(2, { store, scaffold }));
  assert.is(made, 1);
  assert.equal(await startOf({ restore: latestFrom(store), scaffold }), {
    step: 2,
    trained: 9,
    prefix: 'model.ckpt-2',
  });
  assert.is(made, 2);
  assert.equal(await startOf({ scaffold }), { step: 0, trained: 7, prefix: undefined });
});

test('case 94 (bettered): a named checkpoint goes before the newest; one that is not there is an error', async () => {
  const store = memoryStore();
  await lastValueFrom(session(4, { store, saveCheckpointSteps: 2 }));
  const named = { restore: checkpointFrom(store, 'model.ckpt-2') };
  assert.is((await startOf(named)).step, 2);
  await lastValueFrom(session(1, { restore: checkpointFrom(store, 'model.ckpt-9') })).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, CheckpointNotFoundError),
  );
});

for (const [maxWaitSeconds, pollSeconds, tries, failedAt] of [
  [3, 1, [0, 1, 2, 3], 3],
  [20, 30, [0], 0],
] as const) {
  test(
    `case 95: a worker that waits ${maxWaitSeconds} s and looks every ${pollSeconds} s tries ${tries.length} times`,
    marbles(({ scheduler, flush }) => {
      const looked: number[] = [];
      const store = memoryStore();
      const load = () => {
        looked.push(scheduler.now() / 1000);
        return latestFrom(store, { logger: silentLogger }).load();
      };
      const seen: string[] = [];
      session(1, { restore: { load }, isChief: false, maxWaitSeconds, pollSeconds, scheduler }).subscribe({
        error: (error: unknown) => seen.push(`${error instanceof DeadlineExceededError} ${scheduler.now() / 1000}`),
      });
      flush();
      assert.equal(looked, tries);
      assert.equal(seen, [`true ${failedAt}`]);
    }),
  );
}

test('case 96: two savers are an error; parts of a state are named once', async () => {
  const store = memoryStore();
  const own = checkpointSaver(storeSaver(store), { trigger: everySteps(1) });
  assert.throws(() => session(1, { store, hooks: [own] }), /expected one saver/);
  assert.throws(() => session(1, { scaffold: {} as never }), /expected an object with create/);
});

test.run();
