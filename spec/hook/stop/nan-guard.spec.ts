import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NanLossError } from '../../../lib/error/nan-loss-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { type NanGuardOptions, nanGuard } from '../../../lib/hook/stop/nan-guard.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { type ScriptedSessionOptions, scriptedSession } from '../../../lib/testing/scripted-session.js';
import type { FakeOutputs } from '../../../lib/testing/step-events.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { logged } from '../logged.js';
import { told } from '../told.js';

const test = suite('nanGuard');

hookLaws({ test, factory: () => nanGuard('loss') });

/** A run of four steps, the third of which has this loss. */
function runWith(loss: number, options: Partial<ScriptedSessionOptions<FakeOutputs>> = {}) {
  return scriptedSession('----1-2-3-4-|', { ...options, outputs: (step) => ({ loss: step === 3 ? loss : 1 }) });
}

const letters = { stateUnfit: 'u', beforeSave: 'B', afterSave: 'S', saveSkipped: 'x' };

test(
  'fails the run at the first NaN',
  marbles(({ expectObservable }) => {
    const run = runWith(Number.NaN).pipe(nanGuard('loss'), told());
    expectObservable(run).toBe('(bc)1-2-(3#)', undefined, new NanLossError('loss', Number.NaN, 3));
  }),
);

test(
  'stops the run at the first NaN, which then ends in order',
  marbles(({ expectObservable }) => {
    const run = runWith(Number.NaN).pipe(nanGuard('loss', { action: 'stop' }), told());
    expectObservable(run).toBe('(bc)1-2-(3e|)');
  }),
);

for (const loss of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(
    `lets ${loss} pass, unless told otherwise`,
    marbles(({ expectObservable }) => {
      expectObservable(runWith(loss).pipe(nanGuard('loss'), told())).toBe('(bc)1-2-3-4-(e|)');
      expectObservable(runWith(loss).pipe(nanGuard('loss', { infinities: true }), told())).toBe(
        '(bc)1-2-(3#)',
        undefined,
        new NanLossError('loss', loss, 3),
      );
    }),
  );
}

for (const { title, options, expected } of [
  { title: 'failing', options: {}, expected: [0, 1, 2] },
  { title: 'stopping', options: { action: 'stop' as const }, expected: [0, 1, 2] },
]) {
  for (const isFirst of [true, false]) {
    test(
      `saves no state that gave NaN: ${title}, ${isFirst ? 'before' : 'after'} the saver`,
      marbles(({ flush }) => {
        const saver = fakeSaver();
        const guard = nanGuard('loss', options as NanGuardOptions);
        const saving = checkpointSaver(saver, { trigger: everySteps(1) });
        const run = isFirst ? runWith(Number.NaN).pipe(guard, saving) : runWith(Number.NaN).pipe(saving, guard);
        run.subscribe({ error: () => {} });
        flush();
        assert.equal(
          saver.saved.map(({ globalStep }) => globalStep),
          expected,
        );
      }),
    );
  }
}

test(
  'says that the state is unfit, and vetoes saves',
  marbles(({ expectObservable }) => {
    const saving = checkpointSaver(fakeSaver(), { trigger: everySteps(3) });
    const guard = nanGuard('loss', { action: 'stop' });
    const run = (): ReturnType<typeof runWith> =>
      scriptedSession('------1-2-3-4-|', { outputs: (step) => ({ loss: step === 3 ? Number.NaN : 1 }) });
    expectObservable(run().pipe(guard, saving, told(letters))).toBe('(bcBS)1-2-(u3BxeBx|)');
    expectObservable(run().pipe(saving, guard, told(letters))).toBe('(bcBS)1-2-(u3BxeBx|)');
  }),
);

test(
  'lets a run recover, and forgets what was wrong with the state before',
  marbles(({ flush }) => {
    let isSpoilt = true;
    const saver = fakeSaver();
    const recover = { when: (error: unknown) => error instanceof NanLossError, initialDelaySeconds: 0.001, jitter: 0 };
    const run = scriptedSession('----1-2-3-|', {
      recover,
      outputs: (step) => ({ loss: step === 2 && isSpoilt ? Number.NaN : 1 }),
    }).pipe(checkpointSaver(saver, { trigger: everySteps(2) }), nanGuard('loss'));
    run.subscribe((event) => {
      if (event.type === 'sessionCreated' && event.attempt === 2) isSpoilt = false;
    });
    flush();
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      // The second attempt starts afresh, for nothing is restored.
      [0, 0, 2, 3],
    );
  }),
);

test(
  'says in the log what was wrong',
  marbles(({ flush }) => {
    const logger = logged();
    runWith(Number.NaN, { logger })
      .pipe(nanGuard('loss', { action: 'stop' }))
      .subscribe();
    runWith(Number.NaN, { logger })
      .pipe(nanGuard('loss'))
      .subscribe({ error: () => {} });
    flush();
    assert.equal(logger.lines, [
      'warn: loss is NaN at step 3: the run is stopped, and this state is not saved',
      'error: loss is NaN at step 3',
    ]);
  }),
);

test(
  'fails with names if the step returns no such number',
  marbles(({ flush }) => {
    const errors: string[] = [];
    for (const returned of [{ accuracy: 1, lr: 2 }, undefined, { loss: '1' }]) {
      scriptedSession<unknown>('-1-|', { outputs: () => returned })
        .pipe(nanGuard('loss') as never)
        .subscribe({ error: (error: Error) => errors.push(error.message) });
    }
    flush();
    const start = 'hook "nanGuard" failed in step of step 1: nanGuard(metric): expected the step to return';
    assert.equal(errors, [
      `${start} a number "loss", received undefined; it returns: accuracy, lr`,
      `${start} a number "loss", received undefined`,
      `${start} a number "loss", received "1"; it returns: loss`,
    ]);
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => nanGuard(''), /^nanGuard\(metric\): expected a name, received an empty one/);
  assert.throws(() => nanGuard(5 as never), /^nanGuard\(metric\): expected a name, received number/);
  assert.throws(() => nanGuard('loss', { action: 'cry' as never }), /^nanGuard\(action\): expected 'fail' or 'stop'/);
});

test.run();
