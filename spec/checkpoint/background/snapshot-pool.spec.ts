import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SnapshotPool } from '../../../lib/checkpoint/background/snapshot-pool.js';
import { UnsavableStateError } from '../../../lib/error/unsavable-state-error.js';
import { random } from '../../../lib/session/random.js';
import { makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';

const test = suite('SnapshotPool');

interface Watched {
  readonly pool: SnapshotPool;
  readonly allocated: number[];
}

function watchedPool(): Watched {
  const allocated: number[] = [];
  const pool = new SnapshotPool((sizeBytes) => {
    allocated.push(sizeBytes);
    return new SharedArrayBuffer(sizeBytes);
  });
  return { pool, allocated };
}

function stateOf(tensors: Readonly<Record<string, Tensor>>, globalStep = 1): StateSnapshot {
  return { globalStep, tensors: new Map(Object.entries(tensors)), json: { parts: {} } };
}

const floats = (values: readonly number[]): Tensor => makeTensor('float32', [values.length], Float32Array.from(values));
const read = (tensor: Tensor | undefined): number[] => {
  if (tensor === undefined || tensor.dtype === 'string') throw new Error('expected numbers');
  return [...new Float32Array(tensor.bytes.slice().buffer)];
};

test('a copy is one: neither the tensors nor the JSON change any more', () => {
  const { pool } = watchedPool();
  const live = Float32Array.of(1, 2, 3);
  const text = new TextEncoder().encode('déjà');
  const json = { parts: { input: { position: [1] } } };
  const copy = pool.copy({
    globalStep: 4,
    tensors: new Map<string, Tensor>([
      ['w', makeTensor('float32', [3], live)],
      ['names', { ...makeStringTensor([1], ['']), values: [text] }],
    ]),
    json,
  });
  live.fill(9);
  text.fill(0);
  json.parts.input.position[0] = 9;
  assert.equal(read(copy.tensors.get('w')), [1, 2, 3]);
  const names = copy.tensors.get('names');
  assert.equal(names?.dtype === 'string' ? new TextDecoder().decode(names.values[0]) : '', 'déjà');
  assert.equal(copy.json, { parts: { input: { position: [1] } } });
  assert.is(copy.globalStep, 4);
});

test('every tensor begins at a multiple of eight bytes', () => {
  const { pool } = watchedPool();
  const state = stateOf({
    a: makeTensor('uint8', [3], new Uint8Array(3)),
    b: makeTensor('int64', [1], new BigInt64Array([5n])),
    c: makeTensor('uint8', [0], new Uint8Array(0)),
    d: makeTensor('float64', [2], Float64Array.of(1, 2)),
  });
  const copy = pool.copy(state);
  for (const tensor of copy.tensors.values()) {
    if (tensor.dtype !== 'string') assert.is(tensor.bytes.byteOffset % 8, 0);
  }
  assert.is(copy.sizeBytes, 8 + 8 + 16);
});

test('two copies are held, a third is refused, and memory is allocated twice for a thousand copies', () => {
  const { pool, allocated } = watchedPool();
  const state = stateOf({ w: floats([1, 2, 3, 4]) });
  const held = [pool.copy(state), pool.copy(state)];
  assert.throws(() => pool.copy(state), /expected at most 2 snapshots to be held/);
  assert.is(pool.takenCount, 2);
  for (let i = 0; i < 1000; i++) {
    pool.release(held.shift() as (typeof held)[number]);
    held.push(pool.copy(stateOf({ w: floats([i, i, i, i]) }, i)));
    assert.equal(read(held.at(-1)?.tensors.get('w')), [i, i, i, i]);
    assert.equal(read(held.at(-2)?.tensors.get('w')), i === 0 ? [1, 2, 3, 4] : Array(4).fill(i - 1));
  }
  assert.equal(allocated, [16, 16]);
  assert.is(pool.sizeBytes, 32);
});

test('a copy that is read is not written over, though it was released', () => {
  const { pool } = watchedPool();
  const [first, second] = [pool.copy(stateOf({ w: floats([1]) })), pool.copy(stateOf({ w: floats([2]) }))];
  pool.beginRead(first);
  pool.release(first);
  assert.throws(() => pool.copy(stateOf({ w: floats([3]) })), /at most 2/);
  assert.equal(read(first.tensors.get('w')), [1]);
  pool.endRead(first);
  assert.equal(read(pool.copy(stateOf({ w: floats([3]) })).tensors.get('w')), [3]);
  assert.equal(read(second.tensors.get('w')), [2]);
});

test('releasing twice does not give away the memory of who has it now', () => {
  const { pool } = watchedPool();
  const first = pool.copy(stateOf({ w: floats([1]) }));
  pool.release(first);
  const second = pool.copy(stateOf({ w: floats([2]) }));
  assert.is(second.slot.index, first.slot.index);
  pool.release(first);
  assert.is(pool.takenCount, 1);
  pool.copy(stateOf({ w: floats([3]) }));
  assert.equal(read(second.tensors.get('w')), [2]);
});

test('a state that grows gets larger memory, one that shrinks keeps what there is', () => {
  const { pool, allocated } = watchedPool();
  for (const size of [10, 1000, 3, 1000, 2000]) {
    const copy = pool.copy(stateOf({ w: floats(Array(size).fill(size)) }));
    assert.equal(read(copy.tensors.get('w')), Array(size).fill(size));
    pool.release(copy);
  }
  assert.equal(allocated, [40, 4000, 8000]);
  assert.is(pool.sizeBytes, 8000);
});

test('memory for the next copy can be had beforehand, once', () => {
  const { pool, allocated } = watchedPool();
  assert.is(pool.reserve(), undefined);
  pool.copy(stateOf({ w: floats([1]) }));
  assert.is(pool.reserve()?.index, 1);
  assert.is(pool.reserve(), undefined);
  pool.copy(stateOf({ w: floats([2]) }));
  assert.equal(allocated, [4, 4]);
});

test('memory can be had before anything is copied, once the shape is told', () => {
  const { pool, allocated } = watchedPool();
  const state = stateOf({ w: floats([1, 2]) });
  pool.planFor(state);
  assert.equal(allocated, []);
  const slot = pool.reserve();
  assert.is(pool.copy(state).slot.bytes.buffer, slot?.bytes.buffer);
  assert.equal(allocated, [8]);
});

test('a copy that fails holds nothing', () => {
  const { pool } = watchedPool();
  const short = { ...floats([1, 2]), bytes: new Uint8Array(4) } as Tensor;
  assert.throws(() => pool.copy(stateOf({ w: short })), /expected 8 bytes in w, received 4/);
  try {
    pool.copy({ ...stateOf({}), json: { parts: { a: Number.NaN } } });
    assert.unreachable('expected a failure');
  } catch (error) {
    assert.instance(error, UnsavableStateError);
  }
  assert.is(pool.takenCount, 0);
  const failing = new SnapshotPool(() => {
    throw new RangeError('Array buffer allocation failed');
  });
  assert.throws(() => failing.copy(stateOf({ w: floats([1]) })), /allocation failed/);
  assert.is(failing.takenCount, 0);
});

test('whatever is copied, read and released in whatever order, no copy is of another state', () => {
  const generator = random(4, 'pool');
  const { pool, allocated } = watchedPool();
  const held: { copy: ReturnType<SnapshotPool['copy']>; size: number; step: number; isRead: boolean }[] = [];
  for (let step = 1; step <= 4000; step++) {
    if (held.length < 2 && generator.uniform() < 0.6) {
      const size = 1 + generator.integer(5) * 3;
      held.push({ copy: pool.copy(stateOf({ w: floats(Array(size).fill(step)) }, step)), size, step, isRead: false });
    } else if (held.length > 0) {
      const place = generator.integer(held.length);
      const one = held[place] as (typeof held)[number];
      if (!one.isRead && generator.uniform() < 0.4) {
        pool.beginRead(one.copy);
        one.isRead = true;
      } else {
        pool.release(one.copy);
        assert.equal(read(one.copy.tensors.get('w')), Array(one.size).fill(one.step));
        if (one.isRead) pool.endRead(one.copy);
        held.splice(place, 1);
      }
    }
    for (const { copy, size, step: own } of held) assert.equal(read(copy.tensors.get('w')), Array(size).fill(own));
    assert.is(pool.takenCount, held.length);
  }
  assert.ok(allocated.length < 20, `${allocated.length} allocations`);
});

test.run();
