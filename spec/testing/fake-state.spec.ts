import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeState } from '../../lib/testing/fake-state.js';

const test = suite('fakeState');

test('is known after any number of steps', () => {
  const { model } = fakeState();
  for (let i = 0; i < 3; i++) model.train();
  const { tensors } = model.capture();
  assert.equal(tensors.get('steps'), { dtype: 'int64', shape: [], bytes: new Uint8Array(BigInt64Array.of(3n).buffer) });
  assert.equal(tensors.get('weights'), {
    dtype: 'float32',
    shape: [4],
    bytes: new Uint8Array(Float32Array.of(0.375, 0.75, 1.125, 1.5).buffer),
  });
  assert.equal(fakeState(3).model.capture(), model.capture());
});

test('goes on exactly after it was restored', () => {
  const { model } = fakeState();
  model.restore(fakeState(7).model.capture());
  model.train(2);
  assert.equal(model.capture(), fakeState(9).model.capture());
});

test('refuses what is no state of it', () => {
  assert.throws(
    () => fakeState().model.restore({ tensors: new Map() }),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
