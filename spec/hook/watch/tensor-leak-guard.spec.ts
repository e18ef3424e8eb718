import { map, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { type HookActions, hook } from '../../../lib/hook/hook.js';
import { type TensorLeakGuardOptions, tensorLeakGuard } from '../../../lib/hook/watch/tensor-leak-guard.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { logged } from '../logged.js';

const test = suite('tensorLeakGuard');

hookLaws({
  test,
  factory: () =>
    tensorLeakGuard(
      hook('idle', () => ({})),
      { probe: () => 0 },
    ),
});

/** A hook that makes and frees tensors, between two hooks that leave many behind, and what is said of it. */
function linesOf(
  { flush }: MarbleHelpers,
  act: (tensors: { count: number }) => HookActions,
  options: Partial<TensorLeakGuardOptions> = {},
  recovers = false,
): readonly string[] {
  const logger = logged();
  const tensors = { count: 0 };
  const leaky = hook('leaky', () => ({ step: () => void (tensors.count += 100) }));
  const watched = tensorLeakGuard(
    hook('watched', () => act(tensors)),
    { probe: () => tensors.count, ...options },
  );
  const error = recovers ? new AbortedError('preempted') : new Error('none');
  scriptedSession(recovers ? '-1-2-#-3-|' : '-1-2-3-4-|', { logger, error })
    .pipe(leaky, watched, leaky)
    .subscribe({ error: (failure: unknown) => logger.lines.push(`failed: ${(failure as Error).message}`) });
  flush();
  return logger.lines.filter((line) => !line.includes('recovering'));
}

test(
  'tells of a hook that leaves tensors behind, at each doubling',
  marbles((helpers) => {
    assert.equal(
      linesOf(helpers, (tensors) => ({ step: () => void tensors.count++ })),
      [
        'warn: hook "watched" has left 1 tensors behind up to step 1',
        'warn: hook "watched" has left 3 tensors behind up to step 3',
      ],
    );
  }),
);

test(
  'says nothing of a hook that frees what it makes, then or at the next step',
  marbles((helpers) => {
    const freesAtOnce = (tensors: { count: number }): HookActions => ({
      step: () => {
        tensors.count++;
        tensors.count--;
      },
    });
    const freesLater = (tensors: { count: number }): HookActions => ({
      beforeStep: () => void tensors.count++,
      step: () => void tensors.count--,
    });
    assert.equal(linesOf(helpers, freesAtOnce), []);
    assert.equal(linesOf(helpers, freesLater), []);
  }),
);

test(
  'lets a hook hold as many as it may, and what it made when the session was created',
  marbles((helpers) => {
    const holds = (tensors: { count: number }): HookActions => ({
      begin: () => void (tensors.count += 7),
      sessionCreated: () => void (tensors.count += 5),
      step: (event) => void (tensors.count += event.globalStep <= 2 ? 1 : 0),
    });
    assert.equal(linesOf(helpers, holds, { allowed: 2 }), []);
    assert.equal(linesOf(helpers, holds, { allowed: 1 }), [
      'warn: hook "watched" has left 2 tensors behind up to step 2',
    ]);
  }),
);

test(
  'counts anew after a recovery',
  marbles((helpers) => {
    const leaks = (tensors: { count: number }): HookActions => ({ step: () => void tensors.count++ });
    assert.equal(linesOf(helpers, leaks, { allowed: 4 }, true), []);
  }),
);

test(
  'fails the run if it is to',
  marbles((helpers) => {
    const leaks = (tensors: { count: number }): HookActions => ({ step: () => void tensors.count++ });
    assert.equal(linesOf(helpers, leaks, { action: 'fail', name: 'mine' }), [
      'failed: hook "mine" has left 1 tensors behind up to step 1',
    ]);
  }),
);

test(
  'does not see what is made while the loop is held',
  marbles((helpers) => {
    const later = (tensors: { count: number }): HookActions => ({
      step: (event) => event.waitUntil(timer(1).pipe(map(() => tensors.count++))),
    });
    assert.equal(linesOf(helpers, later), []);
  }),
);

test('refuses wrong arguments', () => {
  const idle = hook('idle', () => ({}));
  const probe = (): number => 0;
  assert.throws(() => tensorLeakGuard(5 as never, { probe }), /^tensorLeakGuard\(watched\): expected a hook/);
  assert.throws(() => tensorLeakGuard(idle, { probe: 5 as never }), /^tensorLeakGuard\(probe\): expected a function/);
  assert.throws(() => tensorLeakGuard(idle, { probe, allowed: -1 }), /^tensorLeakGuard\(allowed\): expected a whole/);
  assert.throws(() => tensorLeakGuard(idle, { probe, action: 'x' as never }), /^tensorLeakGuard\(action\): expected/);
});

test.run();
