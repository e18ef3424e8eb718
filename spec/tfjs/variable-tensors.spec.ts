import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  add,
  env,
  memory,
  mul,
  scalar,
  setBackend,
  sub,
  tensor,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SnapshotPool } from '../../lib/checkpoint/background/snapshot-pool.js';
import type { Tensor, Tensors } from '../../lib/tensor/tensor.js';
import { assignTensor, readTensors } from '../../lib/tfjs/variable-tensors.js';

env().set('PROD', true);

const test = suite('readTensors');

function bytesOf(tensors: Tensors, name: string): Uint8Array {
  const found = tensors.get(name);
  if (found === undefined || !('bytes' in found)) throw new Error(`expected a tensor ${name}`);
  return found.bytes;
}

const floats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)];

for (const backend of ['cpu', 'wasm']) {
  test(`reads every dtype and shape: ${backend}`, async () => {
    assert.ok(await setBackend(backend));
    const sources = new Map<string, Variable>([
      ['floats', variable(tensor([1.5, -2, 3], [3]))],
      ['matrix', variable(tensor([1, 2, 3, 4, 5, 6], [2, 3]))],
      ['scalar', variable(scalar(7))],
      ['empty', variable(tensor([], [0, 4]))],
      ['integers', variable(tensor([1, -2], [2], 'int32'))],
      ['flags', variable(tensor([true, false, true], [3], 'bool'))],
    ]);
    const held = memory().numTensors;
    const tensors = readTensors(sources);
    assert.equal(floats(bytesOf(tensors, 'floats')), [1.5, -2, 3]);
    assert.equal(floats(bytesOf(tensors, 'matrix')), [1, 2, 3, 4, 5, 6]);
    assert.equal(floats(bytesOf(tensors, 'scalar')), [7]);
    assert.is(bytesOf(tensors, 'empty').length, 0);
    assert.equal([...new Int32Array(bytesOf(tensors, 'integers').slice().buffer)], [1, -2]);
    assert.equal([...bytesOf(tensors, 'flags')], [1, 0, 1]);
    assert.is(memory().numTensors, held);
    for (const source of sources.values()) source.dispose();
  });

  test(`shows a variable as it is when its bytes are asked for: ${backend}`, async () => {
    assert.ok(await setBackend(backend));
    const source = variable(tensor([1, 2], [2]));
    const tensors = readTensors(new Map([['w', source]]));
    tidy(() => source.assign(mul(source, 10)));
    assert.equal(floats(bytesOf(tensors, 'w')), [10, 20]);
    source.dispose();
  });

  test(`a copy in the pool is of its step, whatever training does later: ${backend}`, async () => {
    assert.ok(await setBackend(backend));
    const sources = new Map(Array.from({ length: 8 }, (_, i) => [`w${i}`, variable(tensor(new Float32Array(5000)))]));
    const pool = new SnapshotPool((sizeBytes) => new SharedArrayBuffer(sizeBytes));
    for (let step = 1; step <= 40; step++) {
      for (const source of sources.values()) {
        assignTensor(source, {
          dtype: 'float32',
          shape: [5000],
          bytes: new Uint8Array(new Float32Array(5000).fill(step).buffer),
        });
      }
      const copy = pool.copy({ globalStep: step, tensors: readTensors(sources), json: null });
      // What frees and fills the memory of the backend, and lets it grow.
      tidy(() => {
        for (const source of sources.values()) source.assign(sub(add(mul(source, -1), source), 0.5));
        add(tensor(new Float32Array(50_000 * step)), step);
      });
      for (const value of copy.tensors.values() as Iterable<Tensor>) {
        assert.ok('bytes' in value && floats(value.bytes).every((element) => element === step), `step ${step}`);
      }
      pool.release(copy);
    }
    for (const source of sources.values()) source.dispose();
  });
}

test('copies nothing where the tensors lie in memory that can be looked at', async () => {
  assert.ok(await setBackend('wasm'));
  const sources = new Map([
    ['a', variable(tensor([1, 2], [2]))],
    ['b', variable(tensor([3, 4], [2]))],
  ]);
  const tensors = readTensors(sources);
  assert.is(bytesOf(tensors, 'a').buffer, bytesOf(tensors, 'b').buffer);
  for (const source of sources.values()) source.dispose();
});

test('reads variables that were made on another backend', async () => {
  assert.ok(await setBackend('cpu'));
  const source = variable(tensor([1, 2], [2]));
  assert.ok(await setBackend('wasm'));
  assert.equal(floats(bytesOf(readTensors(new Map([['w', source]])), 'w')), [1, 2]);
  source.dispose();
});

test.run();
