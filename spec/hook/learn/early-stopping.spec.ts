import { lastValueFrom, type Observable, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { type EarlyStoppingOptions, earlyStopping } from '../../../lib/hook/learn/early-stopping.js';
import { evaluate } from '../../../lib/hook/learn/evaluate.js';
import type { SessionEvent } from '../../../lib/session/event.js';
import { ofType } from '../../../lib/session/of-type.js';
import type { RestoreSource } from '../../../lib/session/restore-source.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import type { FakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { logged } from '../logged.js';
import { cutEverywhere } from '../state/cut-everywhere.js';

const test = suite('earlyStopping');

/** Losses of the steps, from the first on. */
const session = (losses: readonly number[], restore?: RestoreSource) =>
  scriptedSession(`(${'x'.repeat(losses.length)}|)`, {
    restore,
    outputs: (globalStep) => ({ loss: losses[globalStep - 1] ?? Number.NaN }),
  });

async function lastOf(
  run: Observable<SessionEvent<FakeState>>,
): Promise<{ step: number; reason?: string | undefined; trained: number }> {
  const event = await lastValueFrom(run.pipe(ofType('end')));
  return { step: event.globalStep, reason: event.reason, trained: event.state.model.steps };
}

hookLaws({ test, factory: () => earlyStopping('loss', { mode: 'min', patience: 1, restoreBest: true }) });

const cases: readonly (readonly [string, readonly number[], Partial<EarlyStoppingOptions>, number])[] = [
  ['goes on while it improves', [5, 4, 3, 2, 1], {}, 5],
  ['stops when patience is over', [5, 4, 6, 4, 5, 1], { patience: 2 }, 5],
  ['stops at the first that is no better, without patience', [5, 4, 4, 1], { patience: 0 }, 3],
  ['an improvement makes it patient again', [5, 6, 4, 5, 3, 4, 4, 4], { patience: 1 }, 7],
  ['what is too little does not count', [5, 4.9, 4.8, 4.7], { minDelta: 0.5 }, 3],
  ['what is just minDelta better does not count', [5, 4, 3], { patience: 0, minDelta: 1 }, 2],
  ['NaN is never better', [Number.NaN, Number.NaN, 1, 1], { patience: 1 }, 2],
  ['infinity can be improved on', [Number.POSITIVE_INFINITY, 3, 2, 1], { patience: 0 }, 4],
  ['higher may be better', [1, 2, 3, 2, 2], { mode: 'max', patience: 1 }, 5],
  ['does not look before minSteps', [1, 2, 3, 4, 5, 4], { patience: 0, minSteps: 3 }, 4],
  ['stops at its goal', [5, 3, 2, 1], { goal: 3 }, 2],
  ['stops at its goal upwards', [1, 3, 5, 6], { mode: 'max', goal: 4 }, 3],
];
for (const [title, losses, options, step] of cases) {
  test(title, async () => {
    const run = session(losses).pipe(earlyStopping('loss', { mode: 'min', patience: 1, ...options }));
    assert.is((await lastOf(run as never)).step, step);
  });
}

test('says why it stopped', async () => {
  const stopped = await lastOf(session([1, 2, 3]).pipe(earlyStopping('loss', { mode: 'min', patience: 1 })) as never);
  assert.is(stopped.reason, 'loss has not improved 2 times in a row: its best was 1 at step 1');
});

test('stops where it would have stopped, however the run was cut', () =>
  cutEverywhere((restore) =>
    session([5, 4, 6, 4.5, 4.2, 3.9, 4, 4.1, 4.2, 9, 9], restore).pipe(
      earlyStopping('loss', { mode: 'min', patience: 2, restoreBest: true }),
    ),
  ));

for (const saveEvery of [1, 2, 3, 100]) {
  test(`the last checkpoint holds the best state, with saves every ${saveEvery}`, async () => {
    const store = memoryStore();
    const losses = [5, 3, 4, 4, 4, 4];
    const run = (patience: number, restore?: RestoreSource) =>
      session(losses, restore).pipe(
        earlyStopping('loss', { mode: 'min', patience, restoreBest: true }),
        checkpointSaver(storeSaver(store), { trigger: everySteps(saveEvery) }),
      );
    assert.equal(await lastOf(run(1) as never), {
      step: 4,
      reason: 'loss has not improved 2 times in a row: its best was 3 at step 2',
      trained: 2,
    });
    // The same command again takes no step, and finds the best state.
    const again = await lastOf(run(1, latestFrom(store)) as never);
    assert.equal([again.step, again.trained], [4, 2]);
    // More patience goes on from the best state, and has it still to go back to.
    const further = await lastOf(run(2, latestFrom(store)) as never);
    assert.equal([further.step, further.trained], [5, 2]);
  });
}

test('the best state is kept by value', async () => {
  // If parts were kept by reference, further training would change them.
  const result = await lastOf(
    session([1, 2, 2, 2]).pipe(earlyStopping('loss', { mode: 'min', patience: 2, restoreBest: true })) as never,
  );
  assert.equal([result.step, result.trained], [4, 1]);
});

test('puts the best back when the input ends, and leaves the state to a run that something else stops', async () => {
  const hook = () => earlyStopping('loss', { mode: 'min', patience: 9, restoreBest: true });
  assert.is((await lastOf(session([2, 1, 3]).pipe(hook()) as never)).trained, 2);
  const stopped = session([2, 1, 3, 3]).pipe(
    tap((event) => event.type === 'step' && event.globalStep === 3 && event.requestStop('SIGTERM')),
    hook(),
  );
  assert.is((await lastOf(stopped as never)).trained, 3);
});

test('watches what an earlier hook measures, before the saver writes', async () => {
  const store = memoryStore();
  const measured = [9, 5, 6, 7, 8];
  const result = await lastOf(
    session([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).pipe(
      evaluate({
        on: everySteps(2),
        run: (_: FakeState, step) => ({ loss: measured[step / 2 - 1] ?? 0 }),
        atEnd: false,
      }),
      earlyStopping('validation/loss', { mode: 'min', patience: 1, restoreBest: true }),
      checkpointSaver(storeSaver(store), { trigger: everySteps(2) }),
    ) as never,
  );
  assert.equal([result.step, result.trained], [8, 4]);
  const again = await lastOf(
    session([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], latestFrom(store)).pipe(
      earlyStopping('validation/loss', { mode: 'min', patience: 1, restoreBest: true }),
    ) as never,
  );
  assert.equal([again.step, again.trained], [8, 4]);
});

test('a metric that is not there is told', async () => {
  const fault = (run: Observable<unknown>): Promise<string> =>
    lastValueFrom(run).then(
      () => 'none',
      (error) => error.message,
    );
  const wrong = earlyStopping('los', { mode: 'min', patience: 1 });
  assert.match(await fault(session([1]).pipe(wrong as never)), /expected the step to return a number "los", .* loss/);
  const unmeasured = session([1]).pipe(
    evaluate({ on: everySteps(1), run: () => ({ accuracy: 1 }) }),
    earlyStopping('validation/acuracy', { mode: 'max', patience: 1 }),
  );
  assert.match(await fault(unmeasured), /expected validation to measure a number "acuracy", .* accuracy/);
  const logger = logged();
  await lastValueFrom(
    scriptedSession('(12|)', { logger }).pipe(earlyStopping('test/loss', { mode: 'min', patience: 1 })),
  );
  assert.match(logger.lines.join(), /warn: earlyStopping: "test\/loss" was never measured/);
});

test('wrong arguments are told at once', () => {
  const options = { mode: 'min', patience: 1 } as const;
  assert.throws(() => earlyStopping('', options), /expected a name, received an empty one/);
  assert.throws(() => earlyStopping('loss', { ...options, mode: 'up' as never }), /expected 'min' or 'max'/);
  assert.throws(
    () => earlyStopping('loss', { ...options, patience: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => earlyStopping('loss', { ...options, patience: 0.5 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => earlyStopping('loss', { ...options, minDelta: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
