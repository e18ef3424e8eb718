import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DTYPES, elementBytes, type FixedDType } from '../../lib/tensor/dtype.js';
import { isAllFinite } from '../../lib/tensor/is-all-finite.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import { SMALL_FLOATS } from '../../lib/tensor/small-float.js';
import { tensorValues } from '../../lib/tensor/tensor-values.js';

const test = suite('isAllFinite');

const fixed = DTYPES.filter((dtype): dtype is FixedDType => dtype !== 'string');
const isFloat = (dtype: string): boolean => /float|complex/.test(dtype);

for (const dtype of SMALL_FLOATS) {
  test(`${dtype}: agrees with its values on every pattern, at every place in a word`, () => {
    const size = elementBytes(dtype);
    const bytes = new Uint8Array(7 * size);
    for (let pattern = 0; pattern < 2 ** (8 * size); pattern++) {
      const at = (pattern % 7) * size;
      bytes.fill(0);
      bytes[at] = pattern & 0xff;
      if (size === 2) bytes[at + 1] = pattern >> 8;
      const tensor = { dtype, shape: [7], bytes };
      assert.is(isAllFinite(tensor), tensorValues(tensor).every(Number.isFinite), `${pattern}`);
    }
  });
}

test('float32 and float64: tells the last finite from the first that is not', () => {
  for (const sign of [0, 0x80000000]) {
    for (const [dtype, words, expected] of [
      ['float32', [0x7f7fffff], true],
      ['float32', [0x7f800000], false],
      ['float32', [0x7f800001], false],
      ['float32', [0x7fffffff], false],
      ['float32', [0x00000001], true],
      ['float64', [0xffffffff, 0x7fefffff], true],
      ['float64', [0x00000000, 0x7ff00000], false],
      ['float64', [0x00000001, 0x7ff00000], false],
      ['float64', [0x00000000, 0x7ff80000], false],
      ['float64', [0x7ff00000, 0x00000000], true],
    ] as const) {
      const bits = Uint32Array.from(words);
      bits[bits.length - 1] = (bits.at(-1) as number) + sign;
      assert.is(isAllFinite(makeTensor(dtype, [1], bits)), expected, `${dtype} ${words} ${sign}`);
    }
  }
});

test('finds one NaN among many, at every alignment and at the edges of blocks', () => {
  for (const dtype of fixed.filter(isFloat)) {
    const size = elementBytes(dtype);
    const count = 200_000 / size + 3;
    for (const shift of [0, 1, 2, 4]) {
      const bytes = new Uint8Array(count * size + shift).subarray(shift);
      assert.ok(isAllFinite({ dtype, shape: [count], bytes }), `${dtype} ${shift}`);
      for (const index of [0, 1, 65536 / size - 1, 65536 / size, count - 2, count - 1]) {
        const before = bytes.slice(index * size, (index + 1) * size);
        bytes.set(nan(dtype), index * size);
        assert.not(isAllFinite({ dtype, shape: [count], bytes }), `${dtype} ${shift} ${index}`);
        bytes.set(before, index * size);
      }
    }
  }
});

test('says of complex numbers what it says of their parts', () => {
  assert.not(isAllFinite(makeTensor('complex64', [2], Float32Array.of(0, 0, 0, Infinity))));
  assert.not(isAllFinite(makeTensor('complex128', [1], Float64Array.of(-Infinity, 0))));
  assert.ok(isAllFinite(makeTensor('complex128', [1], Float64Array.of(1e308, -1e308))));
});

test('holds for every integer', () => {
  for (const dtype of fixed.filter((name) => !isFloat(name))) {
    assert.ok(isAllFinite(makeTensor(dtype, [4], new Uint8Array(4 * elementBytes(dtype)).fill(0xff))), dtype);
  }
});

test('holds for no element at all', () => {
  for (const dtype of fixed) assert.ok(isAllFinite(makeTensor(dtype, [0], new Uint8Array(0))));
});

function nan(dtype: FixedDType): Uint8Array {
  const bytes = new Uint8Array(elementBytes(dtype)).fill(0xff);
  if (dtype.endsWith('fnuz')) bytes[0] = 0x80;
  return bytes;
}

test.run();
