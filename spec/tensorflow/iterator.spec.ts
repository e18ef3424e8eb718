// TensorFlow's test cases for watching a folder of checkpoints, by their numbers in the behavioural specification.

import { concatMap, type Observable, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NewCheckpointsOptions, newCheckpoints } from '../../lib/checkpoint/new-checkpoints.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { fileStore } from '../../lib/store/file-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';

const test = suite('TensorFlow: checkpoints iterator');
const snapshot = (globalStep: number) => ({
  globalStep,
  tensors: new Map([['global_step', int64Scalar(globalStep)]]),
  json: { parts: {} },
});

function storeWith(...steps: readonly number[]) {
  const store = memoryStore();
  storeSaver(store)
    .open()
    .subscribe((saver) => {
      for (const step of steps) saver.save(snapshot(step), new Map()).subscribe();
    });
  return store;
}

function found(run: Observable<{ readonly prefix: string }>, { flush }: MarbleHelpers): readonly string[] {
  const seen: string[] = [];
  run.subscribe({ next: ({ prefix }) => seen.push(prefix), complete: () => seen.push('|') });
  flush();
  return seen;
}

test(
  'case 111: a folder that is not there, with no time, has nothing',
  marbles((helpers) => {
    const options: NewCheckpointsOptions = { timeoutSeconds: 0, scheduler: helpers.scheduler };
    assert.equal(found(newCheckpoints(memoryStore(), options), helpers), ['|']);
    assert.equal(found(newCheckpoints(fileStore('/nonexistent/of/a/test'), options), helpers), ['|']);
    assert.is(helpers.scheduler.now(), 0, 'it did not wait');
  }),
);

test(
  'case 111: one checkpoint is one item, and of two the newest',
  marbles((helpers) => {
    const options: NewCheckpointsOptions = { timeoutSeconds: 0, scheduler: helpers.scheduler };
    assert.equal(found(newCheckpoints(storeWith(5), options), helpers), ['model.ckpt-5', '|']);
    assert.equal(found(newCheckpoints(storeWith(5, 9), options), helpers), ['model.ckpt-9', '|']);
  }),
);

test(
  'case 111: a timeoutFn that is true at its fourth call is called four times',
  marbles((helpers) => {
    let calls = 0;
    const timeoutFn = (): boolean => ++calls === 4;
    const options: NewCheckpointsOptions = { timeoutSeconds: 1, timeoutFn, scheduler: helpers.scheduler };
    assert.equal(found(newCheckpoints(storeWith(3), options), helpers), ['model.ckpt-3', '|']);
    assert.is(calls, 4);
  }),
);

test(
  'case 111 (bettered): timeoutFn is asked only when time is up, not after each checkpoint',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const store = memoryStore();
    storeSaver(store)
      .open()
      .subscribe((saver) => {
        for (const at of [1, 2, 3]) {
          timer(at * 1000, scheduler)
            .pipe(concatMap(() => saver.save(snapshot(at), new Map())))
            .subscribe();
        }
      });
    let calls = 0;
    const timeoutFn = (): boolean => ++calls > 0;
    const seen = found(newCheckpoints(store, { timeoutSeconds: 2, timeoutFn, scheduler }), helpers);
    assert.equal(seen, ['model.ckpt-1', 'model.ckpt-2', 'model.ckpt-3', '|']);
    assert.is(calls, 1);
  }),
);

test.run();
