import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dtypeNumber } from '../../../lib/format/dtype-number.js';
import { putTensorProto, readTensorProto } from '../../../lib/format/event/tensor-proto.js';
import { ProtoReader } from '../../../lib/format/protobuf/proto-reader.js';
import { ProtoWriter } from '../../../lib/format/protobuf/proto-writer.js';
import { DTYPES, elementBytes } from '../../../lib/tensor/dtype.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';
import { messages } from './event-messages.js';
import { numbersOf } from './fixture.js';

const test = suite('tensor proto');

test('keeps tensors of every dtype, bit for bit', () => {
  for (const dtype of DTYPES) {
    if (dtype === 'string') continue;
    const tensors = fc
      .tuple(fc.nat(4), fc.nat(4))
      .chain(([a, b]) =>
        fc
          .uint8Array({ minLength: a * b * elementBytes(dtype), maxLength: a * b * elementBytes(dtype) })
          .map((bytes) => makeTensor(dtype, [a, b], bytes)),
      );
    fc.assert(
      fc.property(tensors, (tensor) => {
        const writer = new ProtoWriter();
        putTensorProto(writer, tensor);
        assert.equal(readTensorProto(new ProtoReader(writer.copy(), 'event', 'x')), tensor);
      }),
      { numRuns: 30 },
    );
  }
});

test('writes the placeholder of hyperparameters as TensorFlow does', () => {
  const writer = new ProtoWriter();
  putTensorProto(writer, makeTensor('float32', [0], new Uint8Array(0)));
  assert.is(Buffer.from(writer.copy()).toString('hex'), '080112021200');
});

test('takes the elements from every field', () => {
  const cases: [Record<string, unknown>, number[]][] = [
    [{ dtype: 1, float_val: [1.5, -2] }, [1.5, -2]],
    [{ dtype: 2, double_val: [1e300, 2] }, [1e300, 2]],
    [{ dtype: 3, int_val: [-1, 5] }, [-1, 5]],
    [{ dtype: 4, int_val: [200, 255] }, [200, 255]],
    [{ dtype: 9, int64_val: ['-5', '9007199254740991'] }, [-5, 9007199254740991]],
  ];
  for (const [fields, expected] of cases) assert.equal(numbersOf(read({ ...fields, ...shape(2) })), expected);
  const raw: [Record<string, unknown>, string][] = [
    [{ dtype: 10, bool_val: [true, false] }, '0100'],
    [{ dtype: 5, int_val: [-2, 3] }, 'feff0300'],
    [{ dtype: 17, int_val: [65535, 1] }, 'ffff0100'],
    [{ dtype: 14, half_val: [0x3f80, 0xff80] }, '803f80ff'],
    [{ dtype: 19, half_val: [0x3c00, 1] }, '003c0100'],
    [{ dtype: 22, uint32_val: [4294967295, 1] }, 'ffffffff01000000'],
    [{ dtype: 23, uint64_val: ['18446744073709551615', '1'] }, 'ffffffffffffffff0100000000000000'],
    [{ dtype: 8, scomplex_val: [1, 2, 3, 4] }, '0000803f000000400000404000008040'],
    [{ dtype: 24, float8_val: Uint8Array.of(1, 2) }, '0102'],
  ];
  for (const [fields, expected] of raw) {
    const tensor = read({ ...fields, ...shape(2) });
    assert.is(
      tensor.dtype === 'string' ? '' : Buffer.from(tensor.bytes).toString('hex'),
      expected,
      JSON.stringify(fields),
    );
  }
});

test('fills from the last element, or with zeros', () => {
  assert.equal(numbersOf(read({ dtype: 1, float_val: [1, 2], ...shape(2, 2) })), [1, 2, 2, 2]);
  assert.equal(numbersOf(read({ dtype: 3, ...shape(3) })), [0, 0, 0]);
  assert.equal(numbersOf(read({ dtype: 1, float_val: [3] })), [3]);
  const strings = read({ dtype: 7, string_val: [Uint8Array.of(65)], ...shape(2) });
  assert.equal(strings.dtype === 'string' && strings.values.map((value) => [...value]), [[65], [65]]);
});

test('takes floats that are not packed', () => {
  const writer = new ProtoWriter();
  writer.int64(1, dtypeNumber('float32'));
  const start = writer.begin(2);
  const dim = writer.begin(2);
  writer.int64(1, 2);
  writer.end(dim);
  writer.end(start);
  writer.float(5, 1);
  writer.float(5, 2);
  assert.equal(numbersOf(readTensorProto(new ProtoReader(writer.copy(), 'event', 'x'))), [1, 2]);
});

function shape(...sizes: number[]): Record<string, unknown> {
  return { tensor_shape: { dim: sizes.map((size) => ({ size })) } };
}

/** Reads a message that another encoder wrote. */
function read(fields: Record<string, unknown>): Tensor {
  const type = messages.lookupType('Tensor');
  return readTensorProto(new ProtoReader(type.encode(type.fromObject(fields)).finish(), 'event', 'x'));
}

test.run();
