import { concatMap, delay, lastValueFrom, map, type Observable, of, take, timer, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newCheckpoints } from '../../lib/checkpoint/new-checkpoints.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';

const test = suite('newCheckpoints');

const snapshot = (globalStep: number): StateSnapshot => ({
  globalStep,
  tensors: new Map([['global_step', int64Scalar(globalStep)]]),
  json: { parts: {} },
});

/** Commits checkpoints at these times, in seconds; each is of the step of its time in ms / 1000. */
function trainer(store: CheckpointStore, seconds: readonly number[], { scheduler }: MarbleHelpers, keep = 5): void {
  let clock = 0;
  storeSaver(store, { retention: keepLatest(keep), wallClock: () => ++clock * 1000 })
    .open()
    .subscribe((saver) => {
      for (const at of seconds) {
        timer(at * 1000, scheduler)
          .pipe(
            concatMap(() => saver.save(snapshot(at * 10), new Map())),
            concatMap(() => saver.retain()),
          )
          .subscribe();
      }
    });
}

/** What a stream says and when, in seconds: `20@2`. */
function timed(run: Observable<unknown>, { scheduler, flush }: MarbleHelpers): string {
  const words: string[] = [];
  run.subscribe({
    next: (value) => words.push(`${value}@${scheduler.now() / 1000}`),
    complete: () => words.push(`|@${scheduler.now() / 1000}`),
    error: (error: unknown) => words.push(`#${error instanceof Error ? error.message : error}`),
  });
  flush();
  return words.join(' ');
}
const steps = map(({ globalStep }: { globalStep: number }) => globalStep);

test(
  'tells of each new checkpoint once, at the next look',
  marbles((helpers) => {
    const store = memoryStore();
    trainer(store, [1.5, 2.5, 6], helpers);
    const found = newCheckpoints(store, { scheduler: helpers.scheduler, timeoutSeconds: 5 }).pipe(steps);
    assert.is(timed(found, helpers), '15@2 25@3 60@6 |@11');
  }),
);

test(
  'passes over those that came while the last one was worked on',
  marbles((helpers) => {
    const store = memoryStore();
    trainer(store, [1, 2, 3, 4, 9], helpers);
    const { scheduler } = helpers;
    const work = (checkpoint: { globalStep: number }) => of(checkpoint.globalStep).pipe(delay(3500, scheduler));
    assert.is(
      timed(newCheckpoints(store, { scheduler, work, timeoutSeconds: 5 }), helpers),
      '10@4.5 40@8 90@12.5 |@17.5',
    );
  }),
);

test(
  'leaves time between two',
  marbles((helpers) => {
    const store = memoryStore();
    trainer(store, [0, 1, 2, 3, 4, 5, 6], helpers);
    const { scheduler } = helpers;
    const found = newCheckpoints(store, { scheduler, minIntervalSeconds: 2.5, pollSeconds: 0.5, timeoutSeconds: 1 });
    assert.is(timed(found.pipe(steps), helpers), '0@0.5 30@3 50@5.5 60@8 |@11.5');
  }),
);

test(
  'looks once without time, and asks whether to go on',
  marbles((helpers) => {
    const { scheduler } = helpers;
    let asked = 0;
    const timeoutFn = () => ++asked === 4;
    const store = memoryStore();
    assert.is(timed(newCheckpoints(store, { scheduler, timeoutSeconds: 2, timeoutFn }), helpers), '|@8');
    assert.is(asked, 4);
  }),
);

test(
  'a checkpoint that was written anew under its old name is new',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const store = memoryStore();
    trainer(store, [1], helpers);
    timer(3500, scheduler)
      .pipe(concatMap(() => store.quarantine('model.ckpt-10', ['.index'])))
      .subscribe();
    timer(4200, scheduler)
      .pipe(
        concatMap(() => memoryLess(store, 4200)),
        concatMap((saver) => saver.save(snapshot(10), new Map())),
      )
      .subscribe();
    const found = newCheckpoints(store, { scheduler, timeoutSeconds: 4 }).pipe(steps);
    assert.is(timed(found, helpers), '10@1 10@5 |@9');
  }),
);

/** A saver without the lock, which the first one holds. */
function memoryLess(store: CheckpointStore, now: number) {
  const unlocked = { ...store, lock: () => of({ swept: [], takenOverFrom: undefined, release() {} }) };
  return storeSaver(unlocked, { wallClock: () => now }).open();
}

test(
  'never tells of one that is half-written',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const slow = memoryStore({ latencyMs: ({ operation }) => (operation === 'write' ? 2500 : 0), scheduler });
    trainer(slow, [1], helpers);
    const found = newCheckpoints(slow, { scheduler, timeoutSeconds: 5, pollSeconds: 0.5 }).pipe(
      concatMap(({ prefix }) => readCheckpoint(slow, prefix)),
      map((checkpoint) => checkpoint.snapshot().globalStep),
    );
    // It is there from 3.5 s on, whole.
    assert.is(timed(found, helpers), '10@3.5 |@8.5');
  }),
);

test(
  'goes on when the trainer has deleted the one that was worked on',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const store = memoryStore();
    trainer(store, [1, 2, 3], helpers, 1);
    const work = ({ prefix, globalStep }: { prefix: string; globalStep: number }) =>
      timer(1500, scheduler).pipe(
        concatMap(() => readCheckpoint(store, prefix)),
        map(() => globalStep),
      );
    assert.is(timed(newCheckpoints(store, { scheduler, work, timeoutSeconds: 3 }), helpers), '30@5.5 |@8.5');
    const other = new CheckpointNotFoundError('other', 'elsewhere');
    const failing = newCheckpoints(store, {
      scheduler,
      work: () => {
        throw other;
      },
    });
    let seen: unknown;
    failing.subscribe({ error: (error: unknown) => (seen = error) });
    assert.is(seen, other);
  }),
);

test('works in real time, and an unsubscription ends it', async () => {
  const store = memoryStore();
  const found = lastValueFrom(newCheckpoints(store, { pollSeconds: 0.005 }).pipe(take(2), steps, toArray()));
  const saver = await lastValueFrom(storeSaver(store).open());
  await lastValueFrom(saver.save(snapshot(3), new Map()));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await lastValueFrom(saver.save(snapshot(4), new Map()));
  assert.equal(await found, [3, 4]);
});

test('wrong arguments are told at once', () => {
  const store = memoryStore();
  assert.throws(
    () => newCheckpoints(store, { minIntervalSeconds: -1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => newCheckpoints(store, { timeoutSeconds: Number.NaN }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => newCheckpoints(store, { pollSeconds: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => newCheckpoints(store, { timeoutFn: 1 as never }),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
