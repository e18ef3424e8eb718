import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DTYPES, elementBytes, type FixedDType } from '../../lib/tensor/dtype.js';
import { elementCount, tensorBytes } from '../../lib/tensor/tensor.js';

const test = suite('elementCount, tensorBytes and elementBytes');

test('counts 1 for a scalar and the product otherwise', () => {
  assert.is(elementCount([]), 1);
  assert.is(elementCount([3, 4, 5]), 60);
  assert.is(elementCount([3, 0, 5]), 0);
  assert.is(elementCount([Number.MAX_SAFE_INTEGER]), Number.MAX_SAFE_INTEGER);
});

test('refuses what is no dimension', () => {
  for (const size of [-1, 1.5, Number.NaN, Infinity, 2 ** 53]) {
    assert.throws(
      () => elementCount([2, size]),
      (error: unknown) => error instanceof RangeError && error.message.includes(String(size)),
      String(size),
    );
  }
});

test('refuses a product above 2^53 - 1, even before a zero', () => {
  for (const shape of [
    [2 ** 40, 2 ** 40],
    [2 ** 40, 2 ** 40, 0],
    [2 ** 27, 2 ** 26],
  ]) {
    assert.throws(() => elementCount(shape), /too many elements/);
  }
  assert.is(elementCount([0, 2 ** 40, 2 ** 40]), 0);
});

test('knows the size of every dtype but string', () => {
  const sizes: Record<number, string[]> = {};
  for (const dtype of DTYPES) {
    if (dtype === 'string') continue;
    const size = elementBytes(dtype as FixedDType);
    (sizes[size] ??= []).push(dtype);
    assert.is(tensorBytes(dtype, [2, 3]), 6 * size);
  }
  assert.equal(Object.keys(sizes), ['1', '2', '4', '8', '16']);
  assert.equal(sizes[16], ['complex128']);
  assert.equal(sizes[8]?.sort(), ['complex64', 'float64', 'int64', 'uint64']);
  assert.equal(sizes[4]?.sort(), ['float32', 'int32', 'qint32', 'uint32']);
  assert.equal(sizes[2]?.sort(), ['bfloat16', 'float16', 'int16', 'qint16', 'quint16', 'uint16']);
});

test('lists every dtype once', () => {
  assert.is(new Set(DTYPES).size, DTYPES.length);
});

test.run();
