import { defer, of, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DeadlineExceededError } from '../../../lib/error/deadline-exceeded-error.js';
import { waitForChief } from '../../../lib/hook/monitored/wait-for-chief.js';
import type { RestoredCheckpoint } from '../../../lib/session/restore-source.js';
import { marbles } from '../../../lib/testing/marbles.js';

const test = suite('waitForChief');
const checkpoint = {
  from: { prefix: 'model.ckpt-3', globalStep: 3, skipped: [] },
  snapshot: { globalStep: 3, tensors: new Map(), json: null },
} as unknown as RestoredCheckpoint;

for (const [title, options, readyAt, tries, outcome] of [
  ['what is there is taken at once', {}, 0, [0], 'found@0'],
  ['looks at every poll', { maxWaitSeconds: 100, pollSeconds: 10 }, 25, [0, 10, 20, 30], 'found@30'],
  ['the last look is at the deadline', { maxWaitSeconds: 3, pollSeconds: 1 }, 99, [0, 1, 2, 3], 'late@3'],
  ['a poll longer than the wait is one look', { maxWaitSeconds: 20, pollSeconds: 30 }, 99, [0], 'late@0'],
  ['two hours, every half minute, by default', {}, 7000, Array.from({ length: 235 }, (_, i) => i * 30), 'found@7020'],
] as const) {
  test(
    title,
    marbles(({ scheduler, flush }) => {
      scheduler.maxFrames = 10_000_000;
      const looked: number[] = [];
      const load = () =>
        defer(() => {
          looked.push(scheduler.now() / 1000);
          return of(scheduler.now() / 1000 >= readyAt ? checkpoint : undefined);
        });
      let seen = '';
      waitForChief({ load }, { ...options, scheduler })
        .load()
        .subscribe({
          next: (found) => (seen = `${found === checkpoint ? 'found' : 'wrong'}@${scheduler.now() / 1000}`),
          error: (error: unknown) =>
            (seen = `${error instanceof DeadlineExceededError ? 'late' : error}@${scheduler.now() / 1000}`),
        });
      flush();
      assert.is(seen, outcome);
      assert.equal(looked, tries);
    }),
  );
}

test(
  'an error of the source is not waited for',
  marbles(({ flush, scheduler }) => {
    const boom = new Error('no access');
    let seen: unknown;
    waitForChief({ load: () => throwError(() => boom) }, { scheduler })
      .load()
      .subscribe({ error: (error: unknown) => (seen = error) });
    flush();
    assert.is(seen, boom);
  }),
);

test('wrong arguments are told at once', () => {
  assert.throws(
    () => waitForChief({ load: () => of(undefined) }, { maxWaitSeconds: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => waitForChief({ load: () => of(undefined) }, { pollSeconds: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
