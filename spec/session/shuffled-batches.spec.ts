import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { InputCursor } from '../../lib/session/input.js';
import { type ShuffledBatchesOptions, shuffledBatches } from '../../lib/session/shuffled-batches.js';
import type { PartState } from '../../lib/tensor/part-state.js';

const test = suite('shuffledBatches');

const base = { size: 10, batchSize: 4, seed: 1, take: (indices: Uint32Array) => [...indices] };

function open(options: Partial<ShuffledBatchesOptions<number[]>> = {}): InputCursor<number[]> {
  return shuffledBatches({ ...base, ...options }).open();
}

function pull(cursor: InputCursor<number[]>, most = Number.POSITIVE_INFINITY): number[][] {
  const batches: number[][] = [];
  while (batches.length < most) {
    const result = cursor.next();
    if (!('done' in result)) throw new Error('expected a synchronous input');
    if (result.done === true) break;
    batches.push(result.value);
  }
  return batches;
}

function throughJson(cursor: InputCursor<number[]>): PartState {
  const state = cursor.capture();
  if (!('tensors' in state)) throw new Error('expected a synchronous capture');
  return { tensors: new Map(), json: JSON.parse(JSON.stringify(state.json)) };
}

test('gives every example once in each epoch, each time in another order', () => {
  const batches = pull(open({ epochs: 3 }));
  assert.equal(
    batches.map((batch) => batch.length),
    [4, 4, 2, 4, 4, 2, 4, 4, 2],
  );
  const epochs = [0, 3, 6].map((start) => batches.slice(start, start + 3).flat());
  for (const epoch of epochs) {
    assert.equal(
      [...epoch].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  }
  assert.is(new Set(epochs.map(String)).size, 3);
});

test('gives every run the same order, and every seed its own', () => {
  const input = shuffledBatches(base);
  assert.equal(pull(input.open(), 9), pull(input.open(), 9));
  assert.not.equal(pull(open(), 3), pull(open({ seed: 2 }), 3));
});

test('leaves out the rest when told to', () => {
  assert.equal(
    pull(open({ epochs: 2, dropRemainder: true })).map((batch) => batch.length),
    [4, 4, 4, 4],
  );
});

test('goes on at the very batch after a restore, wherever it is cut', () => {
  for (const dropRemainder of [false, true]) {
    const whole = pull(open({ epochs: 4, dropRemainder }));
    for (let cut = 0; cut <= whole.length; cut++) {
      const first = open({ epochs: 4, dropRemainder });
      pull(first, cut);
      const state = throughJson(first);
      const second = open({ epochs: 4, dropRemainder });
      pull(second, 5);
      assert.equal(second.differences?.(state), []);
      second.restore(state);
      assert.equal(pull(second), whole.slice(cut), `cut at ${cut}`);
    }
  }
});

test('lists what a checkpoint has otherwise, and changes nothing', () => {
  const first = open();
  pull(first, 2);
  const state = throughJson(first);
  const other = open({ size: 11, batchSize: 5, seed: 3, dropRemainder: true });
  assert.equal(other.differences?.(state), [
    'size is 10 in the checkpoint, 11 in this input',
    'batchSize is 4 in the checkpoint, 5 in this input',
    'seed is 1 in the checkpoint, 3 in this input',
    'dropRemainder is false in the checkpoint, true in this input',
  ]);
  assert.throws(() => other.restore(state), /does not fit/);
  assert.equal(pull(other, 2), pull(open({ size: 11, batchSize: 5, seed: 3, dropRemainder: true }), 2));
  const later = open({ epochs: 7 });
  assert.equal(later.differences?.(state), [], 'the number of epochs may change');
});

test('refuses a position that is none', () => {
  const good = { size: 10, batchSize: 4, seed: 1, dropRemainder: false, epoch: 0, batch: 0 };
  for (const bad of [{ epoch: -1 }, { epoch: 0.5 }, { epoch: '0' }, { batch: 3 }, { batch: -1 }, { batch: null }]) {
    const state = { tensors: new Map(), json: { ...good, ...bad } };
    assert.is(open().differences?.(state).length, 1, JSON.stringify(bad));
    assert.throws(() => open().restore(state), /does not fit/);
  }
  assert.is(open().differences?.({ tensors: new Map() }).length, 6);
});

test('refuses options that give no batch', () => {
  assert.throws(() => open({ size: 0 }), /shuffledBatches\(size\): expected a whole number from 1/);
  assert.throws(() => open({ batchSize: 1.5 }), /shuffledBatches\(batchSize\)/);
  assert.throws(() => open({ epochs: 0 }), /shuffledBatches\(epochs\)/);
  assert.throws(() => open({ seed: Number.NaN }), /shuffledBatches\(seed\)/);
  assert.throws(() => open({ batchSize: 11, dropRemainder: true }), /at most size \(10\)/);
});

test.run();
