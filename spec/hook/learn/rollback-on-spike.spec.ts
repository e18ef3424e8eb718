import { defer, lastValueFrom, map, type Observable, tap, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { LossSpikeError } from '../../../lib/error/loss-spike-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { evaluate } from '../../../lib/hook/learn/evaluate.js';
import { type RollbackOptions, rollbackOnSpike } from '../../../lib/hook/learn/rollback-on-spike.js';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import type { Input } from '../../../lib/session/input.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { logged } from '../logged.js';

const test = suite('rollbackOnSpike');
const options: RollbackOptions = { sigmas: 4, windowValues: 4, warmUpValues: 3 };

hookLaws({ test, factory: () => rollbackOnSpike('loss').hook });

/** Batches are losses with small noise, but for the bad ones. */
const batches = (bad: Readonly<Record<number, number>>, count = 14): number[] =>
  Array.from({ length: count }, (_, i) => bad[i] ?? 1 + 0.1 * Math.sin(i * i));

interface Trained {
  readonly taken: readonly number[];
  readonly lines: readonly string[];
  readonly error: unknown;
  readonly losses: readonly number[];
}

/** Trains, and tells the numbers of the batches that were trained on, in order. */
async function train(
  input: readonly number[],
  more: RollbackOptions = {},
  { store = memoryStore(), stopAt = 100, isAsync = false, saveEvery = 4, stopOnceBackAt = -1 } = {},
): Promise<Trained> {
  const logger = logged();
  const taken: number[] = [];
  const losses: number[] = [];
  let isBack = false;
  async function* later() {
    yield* input;
  }
  const source: Input<number> = isAsync ? { [Symbol.asyncIterator]: later } : input;
  const run = defer(() => {
    const rollback = rollbackOnSpike('loss', { ...options, ...more });
    return trainingSession({
      scaffold: { create: () => fakeState() },
      input: rollback.input(source),
      step: ({ batch, state }) => {
        taken.push(input.indexOf(batch));
        state.model.train();
        return { loss: batch };
      },
      restore: latestFrom(store, { logger }),
      recover: rollback.recover({ initialDelaySeconds: 0, maxRetries: 100 }),
      logger,
    }).pipe(
      rollback.hook,
      stopAtStep({ lastStep: stopAt }),
      checkpointSaver(storeSaver(store), { trigger: everySteps(saveEvery) }),
      tap((event) => {
        if (event.type === 'sessionCreated') isBack = event.attempt > 1;
        if (event.type !== 'step') return;
        losses.push(event.outputs.loss);
        if (isBack && event.globalStep === stopOnceBackAt) event.requestStop('enough');
      }),
    );
  });
  const error = await lastValueFrom(run as Observable<unknown>).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { taken, lines: logger.lines, error, losses };
}

for (const isAsync of [false, true]) {
  test(`goes back and skips the guilty batches${isAsync ? ' of an asynchronous input' : ''}`, async () => {
    const { taken, lines, error } = await train(batches({ 6: 50 }), { skipBatches: 2 }, { isAsync });
    assert.is(error, undefined);
    assert.equal(taken, [0, 1, 2, 3, 4, 5, 6, 4, 7, 8, 9, 10, 11, 12, 13]);
    assert.match(lines.join('\n'), /rolled back to step 4; batches 5, 6 are skipped/);
  });
}

test('NaN and infinities are spikes from the first step on', async () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const input = batches({});
    input[1] = value;
    const { error, losses } = await train(input);
    assert.is(error, undefined);
    // By losses, for `indexOf` finds no NaN: the spike is met once, and then passed over.
    assert.equal(losses, [input[0], value, input[0], ...input.slice(2)]);
  }
});

test('goes back for each spike, until its budget is spent', async () => {
  const bad = { 5: 50, 7: 60, 9: 70 };
  const enough = await train(batches(bad), { maxRollbacks: 3 });
  assert.is(enough.error, undefined);
  assert.equal(enough.taken, [0, 1, 2, 3, 4, 5, 4, 6, 7, 4, 6, 8, 9, 4, 6, 8, 10, 11, 12, 13]);
  const { error } = await train(batches(bad), { maxRollbacks: 2 });
  assert.instance(error, LossSpikeError);
  const spike = error as LossSpikeError;
  assert.equal([spike.value, spike.rollbacks, spike.isRecoverable], [70, 2, false]);
});

test('never saves a state that spiked', async () => {
  const store = memoryStore();
  await train(batches({ 5: 50 }), { maxRollbacks: 0 }, { store, saveEvery: 1 });
  assert.equal((await lastValueFrom(store.list(['.index']))).includes('model.ckpt-6'), false);
  assert.equal((await lastValueFrom(store.list(['.index']))).includes('model.ckpt-5'), true);
});

test('a resumed run skips what was skipped, keeps its budget, and ends alike', async () => {
  const input = batches({ 6: 50, 11: 90 });
  const whole = await train(input, { skipBatches: 3, maxRollbacks: 2 });
  assert.is(whole.error, undefined);
  for (let cut = 1; cut <= 8; cut++) {
    const store = memoryStore();
    const first = await train(input, { skipBatches: 3, maxRollbacks: 2 }, { store, stopAt: cut });
    const second = await train(input, { skipBatches: 3, maxRollbacks: 2 }, { store });
    assert.is(second.error, undefined, `cut at ${cut}`);
    assert.equal(new Set([...first.taken, ...second.taken]), new Set(whole.taken), `cut at ${cut}`);
    assert.is(second.taken.at(-1), 13);
  }
});

test('what is to be skipped is in the next checkpoint', async () => {
  const store = memoryStore();
  const input = batches({ 6: 50 });
  const first = await train(input, {}, { store, stopOnceBackAt: 5 });
  assert.equal(first.taken, [0, 1, 2, 3, 4, 5, 6, 4]);
  const second = await train(input, {}, { store });
  assert.equal(second.taken, [5, 7, 8, 9, 10, 11, 12, 13]);
});

test('looks at what an earlier hook measures', async () => {
  const store = memoryStore();
  const input = batches({ 6: 50 });
  const logger = logged();
  const taken: number[] = [];
  let isRead = 0;
  const rollback = rollbackOnSpike('validation/loss', options);
  const run = trainingSession({
    scaffold: { create: () => fakeState() },
    input: rollback.input(input),
    step: ({ batch, state }) => {
      taken.push(input.indexOf(batch));
      state.model.train();
    },
    restore: latestFrom(store, { logger }),
    recover: rollback.recover({ initialDelaySeconds: 0 }),
    logger,
  }).pipe(
    // Another source, whose leaps are none of its business.
    evaluate({ on: everySteps(1), name: 'other', run: () => ({ loss: 1000 ** ++isRead }) }),
    evaluate({ on: everySteps(1), run: () => ({ loss: input[taken.at(-1) ?? 0] ?? 0 }) }),
    rollback.hook,
    checkpointSaver(storeSaver(store), { trigger: everySteps(4) }),
  );
  await lastValueFrom(run as Observable<unknown>);
  assert.equal(taken, [0, 1, 2, 3, 4, 5, 6, 4, 5, 7, 8, 9, 10, 11, 12, 13]);
  assert.match(logger.lines.join('\n'), /rolled back to step 4; batches 6 are skipped/);
});

test('two runs at once are refused, one after another are not', async () => {
  const rollback = rollbackOnSpike('loss', options);
  const run = trainingSession({
    scaffold: { create: () => fakeState() },
    input: rollback.input([1, 1, 1]),
    step: ({ batch }) => timer(1).pipe(map(() => ({ loss: batch }))),
  }).pipe(rollback.hook);
  await lastValueFrom(run);
  await lastValueFrom(run);
  const both = await Promise.allSettled([lastValueFrom(run), lastValueFrom(run)]);
  assert.equal(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const rejected = both.find((outcome) => outcome.status === 'rejected');
  assert.match(String(rejected?.status === 'rejected' && rejected.reason), /make it inside defer\(\)/);
});

test('wrong arguments are told at once', () => {
  assert.throws(
    () => rollbackOnSpike(''),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(
    () => rollbackOnSpike('loss', { sigmas: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => rollbackOnSpike('loss', { skipBatches: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => rollbackOnSpike('loss', { maxRollbacks: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
