import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { hashCheckpoint, hashTensor } from '../../lib/checkpoint/hash-checkpoint.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import type { Json } from '../../lib/tensor/json.js';
import { makeStringTensor, makeTensor } from '../../lib/tensor/make-tensor.js';
import type { FixedTensor } from '../../lib/tensor/tensor.js';

const test = suite('hashCheckpoint');

interface Saved {
  readonly format?: CheckpointFormat;
  readonly json?: Json;
  readonly tensors?: Readonly<Record<string, FixedTensor>>;
  readonly savedAt?: number;
}

/** The hash of a state that was saved and read again. */
async function hashOf({ format = tensorBundle(), json = { epoch: 1 }, tensors = weights(1), savedAt = 0 }: Saved) {
  const store = memoryStore();
  const record = { globalStep: 3, savedAt, parent: undefined, metrics: new Map() };
  const snapshot = { globalStep: 3, tensors: new Map(Object.entries(tensors)), json };
  await firstValueFrom(store.write('model.ckpt-3', format.encode(snapshot, record)));
  return hashCheckpoint(await firstValueFrom(readCheckpoint(store, 'model.ckpt-3', [format])));
}

const weights = (value: number) => ({ w: makeTensor('float32', [2], Float32Array.of(value, 2)) });

test('is the same for the same state in every format and at every time', async () => {
  const hash = await hashOf({});
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.is(await hashOf({ savedAt: 5 }), hash);
  assert.is(await hashOf({ format: safetensors() }), hash);
});

test('differs for other elements, names, shapes, dtypes and JSON', async () => {
  const data = Float32Array.of(1, 2);
  const others = await Promise.all([
    hashOf({}),
    hashOf({ tensors: weights(-1) }),
    hashOf({ tensors: { v: makeTensor('float32', [2], data) } }),
    hashOf({ tensors: { w: makeTensor('float32', [1, 2], data) } }),
    hashOf({ tensors: { w: makeTensor('int32', [2], data) } }),
    hashOf({ json: { epoch: 2 } }),
  ]);
  assert.is(new Set(others).size, others.length);
});

test('hashes one tensor by its bytes, and texts with their lengths', () => {
  // printf 'abc' | sha256sum
  const abc = new TextEncoder().encode('abc');
  assert.is(
    hashTensor(makeTensor('uint8', [3], abc)),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  assert.is.not(hashTensor(makeStringTensor([1], ['abc'])), hashTensor(makeTensor('uint8', [3], abc)));
});

test.run();
