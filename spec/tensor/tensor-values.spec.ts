import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DTYPES, elementBytes, type FixedDType } from '../../lib/tensor/dtype.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import { tensorValues } from '../../lib/tensor/tensor-values.js';

const test = suite('tensorValues');

const fixed = DTYPES.filter((dtype): dtype is FixedDType => dtype !== 'string');
const of = <D extends FixedDType>(dtype: D, data: ArrayBufferView, elements: number) => ({
  ...makeTensor(dtype, [elements], data),
  dtype,
});

test('gives numbers of every dtype', () => {
  const cases: readonly [FixedDType, ArrayBufferView, readonly (number | bigint)[]][] = [
    ['float32', Float32Array.of(1.5, -0, Infinity), [1.5, -0, Infinity]],
    ['float64', Float64Array.of(0.1, 5e-324), [0.1, 5e-324]],
    ['int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1), [-(2 ** 31), 2 ** 31 - 1]],
    ['uint8', Uint8Array.of(0, 255), [0, 255]],
    ['int16', Int16Array.of(-32768, 32767), [-32768, 32767]],
    ['int8', Int8Array.of(-128, 127), [-128, 127]],
    ['complex64', Float32Array.of(1, -2, 3, -4), [1, -2, 3, -4]],
    ['int64', BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)), [2n ** 53n + 1n, -(2n ** 63n)]],
    ['bool', Uint8Array.of(0, 1), [0, 1]],
    ['qint8', Int8Array.of(-1), [-1]],
    ['quint8', Uint8Array.of(200), [200]],
    ['qint32', Int32Array.of(-5), [-5]],
    ['bfloat16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ['qint16', Int16Array.of(-7), [-7]],
    ['quint16', Uint16Array.of(65535), [65535]],
    ['uint16', Uint16Array.of(65535), [65535]],
    ['complex128', Float64Array.of(0.1, 0.2), [0.1, 0.2]],
    ['float16', Uint16Array.of(0x3c00, 0x0001), [1, 2 ** -24]],
    ['uint32', Uint32Array.of(2 ** 32 - 1), [2 ** 32 - 1]],
    ['uint64', BigUint64Array.of(2n ** 64n - 1n), [2n ** 64n - 1n]],
    ['float8_e5m2', Uint8Array.of(0x3c), [1]],
    ['float8_e4m3fn', Uint8Array.of(0x38), [1]],
    ['float8_e4m3fnuz', Uint8Array.of(0x40), [1]],
    ['float8_e4m3b11fnuz', Uint8Array.of(0x58), [1]],
    ['float8_e5m2fnuz', Uint8Array.of(0x40), [1]],
    // TensorFlow's own bytes for -4 -7 -4 0 5 5 -5 3.
    ['int4', Uint8Array.of(0x0c, 0x09, 0x0c, 0x00, 0x05, 0x05, 0x0b, 0x03), [-4, -7, -4, 0, 5, 5, -5, 3]],
    ['uint4', Uint8Array.of(0x06, 0x0e, 0xf1), [6, 14, 1]],
  ];
  assert.equal(
    cases.map(([dtype]) => dtype),
    fixed,
  );
  for (const [dtype, data, expected] of cases) {
    const values = tensorValues(of(dtype, data, data.byteLength / elementBytes(dtype)));
    assert.is(values.length, expected.length);
    for (const [i, value] of expected.entries()) assert.ok(Object.is(values[i], value), `${dtype} ${values[i]}`);
  }
});

test('is a view where it can be, and a copy where the bytes are not aligned', () => {
  const data = Float32Array.of(1, 2, 3);
  assert.is(tensorValues(of('float32', data, 3)).buffer, data.buffer);

  for (const BytesType of [Uint8Array, Buffer]) {
    const raw = BytesType.from([0, ...new Uint8Array(data.buffer)]).subarray(1);
    if (raw.byteOffset % 4 === 0) continue;
    const values = tensorValues({ dtype: 'float32', shape: [3], bytes: raw });
    assert.equal([...values], [1, 2, 3], BytesType.name);
    assert.is.not(values.buffer, raw.buffer);
  }
});

test('reads a getter once', () => {
  let reads = 0;
  const tensor = {
    dtype: 'float64' as const,
    shape: [1],
    get bytes() {
      reads++;
      return new Uint8Array(8);
    },
  };
  assert.equal([...tensorValues(tensor)], [0]);
  assert.is(reads, 1);
});

test('is typed by dtype', () => {
  const integers: BigInt64Array = tensorValues(of('int64', BigInt64Array.of(1n), 1));
  const floats: Float32Array = tensorValues(of('float16', Uint16Array.of(0), 1));
  assert.equal([integers[0], floats[0]], [1n, 0]);
});

test('takes empty tensors', () => {
  for (const dtype of fixed) assert.is(tensorValues({ dtype, shape: [0], bytes: new Uint8Array(0) }).length, 0);
});

test.run();
