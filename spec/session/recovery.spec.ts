import { concat, NEVER, Observable, takeUntil, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { HookFailedError } from '../../lib/error/hook-failed-error.js';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import type { SessionCreatedEvent, SessionEvent } from '../../lib/session/event.js';
import { Recovery } from '../../lib/session/recovery.js';
import { keptLog, play } from './play.js';

const test = suite('Recovery');

const gone = new UnavailableError('gone');
const half = { jitter: 0.5, random: () => 0.5 };

test('waits twice as long each time, up to the longest, less what is left to chance', () => {
  const recovery = new Recovery({ initialDelaySeconds: 2, maxDelaySeconds: 10, jitter: 0, maxRetries: 5 });
  assert.equal(
    [1, 2, 3, 4, 5, 6].map(() => recovery.delayAfter(gone, 0)),
    [2, 4, 8, 10, 10, undefined],
  );
  assert.is(new Recovery({ ...half }).delayAfter(gone, 0), 0.75);
  assert.is(new Recovery({ jitter: 1, random: () => 0.999 }).delayAfter(gone, 0)?.toFixed(3), '0.001');
});

test('begins to count again only when the run came further than ever', () => {
  const recovery = new Recovery({ jitter: 0, maxRetries: 2 });
  assert.equal([recovery.delayAfter(gone, 5), recovery.delayAfter(gone, 5)], [1, 2]);
  assert.is(recovery.delayAfter(gone, 6), 1, 'step 6 is progress');
  assert.is(recovery.delayAfter(gone, 3), 2, 'step 3 is none');
  assert.is(recovery.delayAfter(gone, 4), undefined);
});

test('looks for what is recoverable among the causes, however they are linked', () => {
  const recovery = new Recovery({ jitter: 0 });
  assert.is(recovery.delayAfter(new HookFailedError('h', 'step', 1, new AbortedError('x')), 0), 1);
  const cyclic = new Error('a', { cause: new Error('b') });
  (cyclic.cause as Error).cause = cyclic;
  assert.is(recovery.delayAfter(cyclic, 0), undefined);
  const broken = Object.defineProperty(new Error('c'), 'cause', {
    get: () => {
      throw new Error('getter');
    },
  });
  assert.is(recovery.delayAfter(broken, 0), undefined);
  assert.is(recovery.delayAfter('words', 0), undefined);
});

test('refuses options that mean nothing', () => {
  for (const options of [
    { maxRetries: -1 },
    { maxRetries: 1.5 },
    { initialDelaySeconds: Number.NaN },
    { maxDelaySeconds: Number.POSITIVE_INFINITY },
    { jitter: 1.1 },
  ]) {
    assert.throws(() => new Recovery(options), /recover\.\w+: expected/);
  }
});

// ---- in a session

/** Fails at these attempts, before the second step. */
function failing(attempts: number, error: unknown = gone) {
  let tries = 0;
  return ({ globalStep }: { readonly globalStep: number }): undefined => {
    if (globalStep === 1 && tries++ < attempts) throw error;
  };
}

test('creates the session again after the delay, without another begin', () => {
  const { log, times, events } = play({ step: failing(2), recover: { jitter: 0, initialDelaySeconds: 3 } });
  const attempt = (n: number): string[] => [`created#${n}@0`, 'before@0', 'step@1', 'before@1'];
  assert.equal(log, ['begin', ...attempt(1), ...attempt(2), ...attempt(3), 'step@2', 'end', '|']);
  assert.equal([times[log.indexOf('created#2@0')], times[log.indexOf('created#3@0')]], [3000, 9000]);
  assert.is((events[5] as SessionCreatedEvent).error, gone);
});

test('warns in the log of each recovery, with the error, how far it had come and the delay', () => {
  const told: unknown[] = [];
  const ignore = (): void => {};
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields: unknown, message?: string) => told.push([fields, message]),
  };
  play({ logger: logger as never, step: failing(2), recover: { jitter: 0 } });
  const message = 'recovering: the session is created again';
  assert.equal(told, [
    [{ err: gone, globalStep: 1, delaySeconds: 1, attempt: 1 }, message],
    [{ err: gone, globalStep: 1, delaySeconds: 2, attempt: 2 }, message],
  ]);
});

test('gives up after so many recoveries without progress, with the error itself', () => {
  const { log, error, times } = play({ step: failing(99), recover: { jitter: 0, maxRetries: 3 } });
  assert.is(error, gone);
  assert.is(log.filter((word) => word.startsWith('created')).length, 4);
  assert.is(times.at(-1), 7000);
});

test('recovers from nothing when it was told so, and from what it was told', () => {
  assert.is(play({ step: failing(1), recover: false }).error, gone);
  const own = new Error('own');
  assert.is(play({ step: failing(1, own) }).error, own);
  assert.is(play({ step: failing(1, own), recover: { when: (e) => e === own, jitter: 0 } }).log.at(-1), '|');
  const { error } = play({
    step: failing(1, own),
    recover: {
      when: () => {
        throw new Error('when');
      },
    },
  });
  assert.is((error as { errors?: unknown[] }).errors?.[0], own);
});

test('recovers from a failing creation and a failing restore', () => {
  for (const place of ['create', 'load'] as const) {
    let tries = 0;
    const fail = (): void => {
      if (tries++ === 0) throw gone;
    };
    const { log } = play({
      recover: { jitter: 0 },
      scaffold: {
        create: () => {
          if (place === 'create') fail();
          return {};
        },
      },
      restore: {
        load: () =>
          new Observable((subscriber) => {
            if (place === 'load') fail();
            subscriber.next(undefined);
            subscriber.complete();
          }),
      },
    });
    assert.equal(log.slice(0, 3), ['begin', 'created#2@0', 'before@0'], place);
  }
});

test('does not recover in begin or when the run is ending', () => {
  for (const stage of ['begin', 'end']) {
    const { error } = play({ recover: { jitter: 0 } }, undefined, (event) => {
      if (event.type === stage) (event as SessionEvent).fail(gone);
    });
    assert.is(error, gone, stage);
  }
});

test('disposes of each state before it makes the next, and goes on if that cannot be done', () => {
  const calls: string[] = [];
  const logger = keptLog();
  let states = 0;
  const { log } = play({
    logger,
    step: failing(2),
    recover: { jitter: 0 },
    scaffold: {
      create: () => {
        calls.push(`create ${++states}`);
        return {};
      },
      dispose: () => {
        calls.push(`dispose ${states}`);
        if (states === 2) throw new Error('device lost');
      },
    },
  });
  assert.equal(calls, ['create 1', 'dispose 1', 'create 2', 'dispose 2', 'create 3', 'dispose 3']);
  assert.is(log.at(-1), '|');
  assert.ok(logger.lines.includes('error: the state could not be let go of for a recovery'));
});

test('fails when background work fails for good while it is stopped for a recovery', () => {
  const fatal = new Error('the last save failed');
  const { error, log } = play({ step: failing(1), recover: { jitter: 0 } }, undefined, (event) => {
    if (event.type !== 'sessionCreated') return;
    const { coordinator } = event as SessionCreatedEvent;
    coordinator.register(
      'saver',
      concat(
        NEVER.pipe(takeUntil(coordinator.stop$)),
        timer(5),
        throwError(() => fatal),
      ),
    );
  });
  assert.equal((error as { errors?: unknown[] }).errors, [gone, fatal]);
  assert.not.ok(log.includes('created#2@0'));
});

test('takes up a failure that is told while it waits', () => {
  const late = new Error('late');
  let first: SessionEvent | undefined;
  const { error, times } = play(
    { step: failing(1), recover: { jitter: 0, initialDelaySeconds: 50 } },
    (s) => {
      timer(1000).subscribe(() => first?.fail(late));
      return s;
    },
    (event) => {
      first ??= event as SessionEvent;
    },
  );
  assert.is(error, late);
  assert.is(times.at(-1), 1000);
});

test('is cancelled while it waits', () => {
  const { log } = play({ step: failing(9), recover: { jitter: 0 } }, (s) => s.pipe(takeUntil(timer(500))));
  assert.equal(log, ['begin', 'created#1@0', 'before@0', 'step@1', 'before@1', '|']);
});

test.run();
