import { filter, lastValueFrom, map, type Observable, share, tap, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AfterSaveEvent } from '../../../lib/checkpoint/checkpoint-event.js';
import { readCheckpoint } from '../../../lib/checkpoint/read-checkpoint.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { DeadlineExceededError } from '../../../lib/error/deadline-exceeded-error.js';
import { NanLossError } from '../../../lib/error/nan-loss-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { describeSession } from '../../../lib/hook/monitored/describe-session.js';
import {
  type MonitoredTrainingSessionOptions,
  monitoredTrainingSession,
} from '../../../lib/hook/monitored/monitored-training-session.js';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import { memorySummaries } from '../../../lib/summary/memory-summaries.js';
import { tensorValues } from '../../../lib/tensor/tensor-values.js';
import { type FakeState, fakeState } from '../../../lib/testing/fake-state.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

const test = suite('monitoredTrainingSession');
type Options = MonitoredTrainingSessionOptions<FakeState, number, { loss: number }>;

const options = (steps: number, losses: readonly number[] = []) => ({
  scaffold: { create: () => fakeState() },
  input: Array.from({ length: steps }, (_, i) => i),
  step: ({ state, batch }: { state: FakeState; batch: number }) => {
    state.model.train();
    return { loss: losses[batch] ?? 1 };
  },
  logger: silentLogger,
});
const session = (steps: number, more: Partial<Options> = {}, losses?: readonly number[]) =>
  monitoredTrainingSession<FakeState, number, { loss: number }>({ ...options(steps, losses), ...more });
const named = (name: string, actions = {}) => hook(name, () => actions);

/** The steps that were saved. */
const saves = (run: Observable<unknown>): Promise<readonly number[]> =>
  lastValueFrom(
    run.pipe(
      filter((event): event is AfterSaveEvent => event instanceof AfterSaveEvent),
      map(({ globalStep }) => globalStep),
      toArray(),
    ),
  );

test('installs its hooks in the documented order', () => {
  const run = session(1, {
    store: memoryStore(),
    hooksAfterSave: [named('uploader')],
    chiefOnlyHooks: [named('chief')],
    hooks: [stopAtStep({ lastStep: 5 }), named('mine')],
    summaryHooks: () => [named('summarySaver')],
  });
  assert.is(
    describeSession(run),
    [
      'trainingSession',
      '  1  nanGuard',
      '  2  stopAtStep',
      '  3  mine',
      '  4  chief',
      '  5  stepCounter',
      '  6  summarySaver',
      '  7  checkpointSaver',
      '  8  uploader',
    ].join('\n'),
  );
});

test('a worker has neither savers nor the hooks of the chief', () => {
  const run = session(1, {
    store: memoryStore(),
    isChief: false,
    hooks: [named('mine')],
    chiefOnlyHooks: [named('chief')],
    hooksAfterSave: [named('uploader')],
    summaryHooks: () => [named('summarySaver')],
  });
  assert.is(describeSession(run), 'trainingSession\n  1  nanGuard\n  2  mine');
});

test('leaves out what is turned off', () => {
  const off = { logStepCountSteps: null, nanMetric: null, saveCheckpointSeconds: null, saveCheckpointSteps: null };
  assert.is(describeSession(session(1, { ...off, store: memoryStore() })), 'trainingSession');
  assert.is(describeSession(session(1, { logStepCountSteps: 0 })), 'trainingSession\n  1  nanGuard');
  const summaries = { summaryHooks: () => [named('s')], saveSummariesSteps: 0, saveSummariesSeconds: null };
  assert.not.match(describeSession(session(1, summaries)), /s$/m);
});

test('draws summaries every hundred steps, or as it is told', async () => {
  const drawn = async (more: Partial<Options>): Promise<readonly number[]> => {
    const sink = memorySummaries();
    await lastValueFrom(session(201, { summaries: sink, ...more }));
    return (sink.scalars.get('loss') ?? []).map(({ globalStep }) => globalStep);
  };
  assert.equal(await drawn({}), [100, 200]);
  assert.equal(await drawn({ saveSummariesSteps: 150 }), [150]);
  assert.equal(await drawn({ saveSummariesSteps: null, saveSummariesSeconds: null }), []);
});

test('describes what stands on it, other operators too', () => {
  const run = session(1, { logStepCountSteps: null }).pipe(
    tap(() => {}),
    named('later'),
    share(),
  );
  assert.is(describeSession(run), 'trainingSession\n  1  nanGuard\n  2  (operator)\n  3  later\n  4  (operator)');
});

test('saves by its intervals, and resumes by the same options', async () => {
  const store = memoryStore();
  const run = (steps: number) => session(steps, { store, saveCheckpointSteps: 4 });
  assert.equal(await saves(run(10)), [0, 4, 8, 10]);
  assert.equal(await saves(run(13)), [12, 13]);
  // Ten minutes do not pass here.
  assert.equal(await saves(session(5, { store: memoryStore() })), [0, 5]);
  assert.equal(await saves(session(5, { store: memoryStore(), saveCheckpointSeconds: null })), [0, 5]);
});

test('what user hooks change at the end is in the last checkpoint', async () => {
  const store = memoryStore();
  const late = named('late', {
    end: ({ state }: { state: FakeState }) => state.model.train(100),
  });
  await lastValueFrom(session(3, { store, hooks: [late] }));
  const checkpoint = await lastValueFrom(readCheckpoint(store, 'model.ckpt-3'));
  assert.equal(tensorValues(checkpoint.snapshot().tensors.get('model/steps') as never), BigInt64Array.of(103n));
  checkpoint.close();
});

test('a state that gave NaN is never saved', async () => {
  const store = memoryStore();
  const run = session(5, { store, saveCheckpointSteps: 1 }, [1, 1, Number.NaN]);
  await lastValueFrom(run).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, NanLossError),
  );
  assert.equal([...(await lastValueFrom(store.list(['.index'])))].sort(), [
    'model.ckpt-0',
    'model.ckpt-1',
    'model.ckpt-2',
  ]);
});

test('two savers are an error that says what to do', async () => {
  const store = memoryStore();
  const own = checkpointSaver(storeSaver(store), { trigger: everySteps(2) });
  assert.throws(
    () => session(4, { store, hooks: [own] }),
    /expected one saver, received checkpointSaver and checkpointSaver/,
  );
  const off = { saveCheckpointSeconds: null, saveCheckpointSteps: null };
  assert.equal(await saves(session(4, { ...off, store, hooks: [own] })), [0, 2, 4]);
});

test(
  'a worker starts from what the chief has saved, and waits for it',
  marbles(({ scheduler, flush }) => {
    scheduler.maxFrames = 1_000_000;
    const store = memoryStore();
    const seen: string[] = [];
    const worker = (steps: number, maxWaitSeconds: number) =>
      session(steps, { store, isChief: false, scheduler, maxWaitSeconds, pollSeconds: 5 }).subscribe({
        next: (event) => {
          if (event.type === 'sessionCreated') seen.push(`created ${event.globalStep} @${scheduler.now() / 1000}`);
        },
        error: (error: unknown) => seen.push(`${error instanceof DeadlineExceededError} @${scheduler.now() / 1000}`),
      });
    worker(5, 4);
    worker(5, 60);
    scheduler.schedule(() => session(3, { store, scheduler }).subscribe(), 11_000);
    flush();
    assert.equal(seen, ['true @0', 'created 3 @15']);
  }),
);

test('wrong arguments are told at once', () => {
  assert.throws(() => session(1, { isChief: 1 as never }), /isChief/);
  assert.throws(() => session(1, { isChief: false }), /a worker starts from it/);
  assert.throws(
    () => session(1, { store: memoryStore(), saveCheckpointSteps: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
