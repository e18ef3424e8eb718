import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { float32Scalar, int64Scalar, makeStringTensor, makeTensor } from '../../lib/tensor/make-tensor.js';

const test = suite('makeTensor');

test('is a view of the data', () => {
  const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
  const tensor = makeTensor('float32', [2], data);
  assert.equal([...tensor.bytes], [...new Uint8Array(Float32Array.of(1, 2).buffer)]);
  data[0] = 5;
  assert.equal([...tensor.bytes.slice(0, 4)], [...new Uint8Array(Float32Array.of(5).buffer)]);
  assert.is(tensor.bytes.buffer, data.buffer);
});

test('refuses data of another size', () => {
  const call = (): unknown => makeTensor('float32', [2, 2], Float32Array.of(1, 2, 3));
  assert.throws(call, 'makeTensor(float32, [2, 2]): shape needs 4 elements (16 bytes), data has 12 bytes');
});

test('says of a transferred buffer that it is empty or detached', () => {
  const data = Float32Array.of(1);
  structuredClone(data.buffer, { transfer: [data.buffer] });
  assert.throws(() => makeTensor('float32', [1], data), /data has 0 bytes \(empty or detached\)/);
});

test('makes scalars', () => {
  assert.equal(float32Scalar(1).shape, []);
  assert.equal([...float32Scalar(1).bytes], [0, 0, 0x80, 0x3f]);
  assert.equal([...int64Scalar(-2).bytes], [0xfe, 255, 255, 255, 255, 255, 255, 255]);
  assert.equal([...int64Scalar(2n ** 53n + 1n).bytes], [1, 0, 0, 0, 0, 0, 0x20, 0]);
  assert.throws(
    () => int64Scalar(0.5),
    (error: unknown) => error instanceof RangeError,
  );
});

test('makes strings from text and bytes', () => {
  const tensor = makeStringTensor([3], ['ü', Uint8Array.of(0xff), '']);
  assert.equal(
    tensor.values.map((value) => [...value]),
    [[0xc3, 0xbc], [0xff], []],
  );
  assert.throws(() => makeStringTensor([2], ['a']), 'makeStringTensor([2]): shape needs 2 values, received 1');
});

test.run();
