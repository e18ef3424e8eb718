import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FeedConflictError } from '../../../lib/error/feed-conflict-error.js';
import { HookFailedError } from '../../../lib/error/hook-failed-error.js';
import { feed } from '../../../lib/hook/values/feed.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';

const test = suite('feed');

hookLaws({ test, factory: () => feed(({ globalStep }) => ({ rate: globalStep })) });

function sessionOf(fed: unknown[], scheduler: Parameters<typeof trainingSession>[0]['scheduler']) {
  return trainingSession({
    scaffold: { create: () => fakeState() },
    input: [1, 2, 3],
    step: ({ feeds, batch }) => {
      fed.push([batch, Object.fromEntries(feeds)]);
    },
    logger: silentLogger,
    scheduler,
  });
}

test(
  'feeds each step with what is returned for it',
  marbles(({ scheduler, flush }) => {
    const fed: unknown[] = [];
    sessionOf(fed, scheduler)
      .pipe(
        feed(({ globalStep }) => ({ rate: 1 / (globalStep + 1), isFirst: globalStep === 0 })),
        feed(({ globalStep }): Record<string, unknown> => (globalStep === 1 ? { extra: [1] } : {})),
      )
      .subscribe();
    flush();
    assert.equal(fed, [
      [1, { rate: 1, isFirst: true }],
      [2, { rate: 0.5, isFirst: false, extra: [1] }],
      [3, { rate: 1 / 3, isFirst: false }],
    ]);
  }),
);

test(
  'fails the run before the step if another hook feeds the same key',
  marbles(({ scheduler, flush }) => {
    const fed: unknown[] = [];
    let error: unknown;
    sessionOf(fed, scheduler)
      .pipe(
        feed(() => ({ rate: 1 })),
        feed(() => ({ rate: 1 })),
      )
      .subscribe({
        error: (failure: unknown) => {
          error = failure;
        },
      });
    flush();
    assert.instance(error, HookFailedError);
    assert.instance((error as HookFailedError).cause, FeedConflictError);
    assert.equal(fed, []);
  }),
);

test(
  'fails the run if nothing is returned',
  marbles(({ scheduler, flush }) => {
    let message = '';
    sessionOf([], scheduler)
      .pipe(feed((() => undefined) as never))
      .subscribe({
        error: (error: Error) => {
          message = error.message;
        },
      });
    flush();
    assert.match(message, /feed\(feeds\): expected it to return values by key, received undefined/);
  }),
);

test('refuses what is no function', () => {
  assert.throws(() => feed({} as never), /^feed\(feeds\): expected a function, received an object/);
});

test.run();
