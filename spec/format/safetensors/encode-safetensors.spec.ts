import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import {
  type EncodeSafetensorsOptions,
  encodeSafetensors,
} from '../../../lib/format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../../lib/format/safetensors/open-safetensors.js';
import { DTYPES, elementBytes } from '../../../lib/tensor/dtype.js';
import { makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { FixedTensor, Tensor } from '../../../lib/tensor/tensor.js';

const test = suite('encodeSafetensors');

const byte = makeTensor('uint8', [1], Uint8Array.of(9));

function encode(tensors: Iterable<readonly [string, Tensor]>, options?: EncodeSafetensorsOptions): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of encodeSafetensors(tensors, options)) for (const chunk of part.chunks) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

function headerOf(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
}

test('writes the empty file of the reference', () => {
  assert.is(Buffer.from(encode([])).toString('hex'), '08000000000000007b7d202020202020');
  assert.is(Buffer.from(encode([], { metadata: {} })).toString('hex'), '08000000000000007b7d202020202020');
});

test('orders by alignment, then by the bytes of the name', () => {
  const one = (dtype: FixedTensor['dtype']): FixedTensor => makeTensor(dtype, [1], new Uint8Array(elementBytes(dtype)));
  const dtypes = [
    ...(['uint64', 'int64', 'float64', 'complex64', 'float32', 'uint32', 'int32', 'bfloat16', 'float16'] as const),
    ...(['uint16', 'int16', 'float8_e5m2fnuz', 'float8_e4m3fnuz', 'float8_e4m3fn', 'float8_e5m2'] as const),
    ...(['int8', 'uint8', 'bool'] as const),
  ];
  const tensors = dtypes.map((dtype, i): [string, Tensor] => [`${(i * 7) % 18}`, one(dtype)]);
  const reader = openSafetensors(bytesSource('m', encode([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))));
  assert.equal(
    [...reader.entries()].map((entry) => entry.dtype),
    dtypes,
  );
  for (const { offset, dtype } of reader.entries()) assert.is(offset % elementBytes(dtype ?? 'float64'), 0);

  const names = ['\ufffd', '😀', 'é', 'z', '~', '', 'a😀', 'a\ufffd'];
  const sorted = openSafetensors(bytesSource('m', encode(names.map((name) => [name, byte]))));
  assert.equal(
    [...sorted.entries()].map((entry) => entry.name),
    [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
});

test('escapes as serde_json does', () => {
  const header = headerOf(encode([['\b\f\n\r\t"\\/\u0001\u001f\u007f\u2028é', byte]]));
  assert.ok(header.startsWith('{"\\b\\f\\n\\r\\t\\"\\\\/\\u0001\\u001f\u007f\u2028é":{'), header);
});

test('keeps the order of the metadata and writes it first', () => {
  const map = new Map([
    ['z', '1'],
    ['a', 'é"'],
  ]);
  const expected = '{"__metadata__":{"z":"1","a":"é\\""},"x":';
  assert.ok(headerOf(encode([['x', byte]], { metadata: map })).startsWith(expected));
  assert.ok(headerOf(encode([['x', byte]], { metadata: { z: '1', a: 'é"' } })).startsWith(expected));
});

test('pads the header so that the data begins on a multiple of 8', () => {
  for (let length = 0; length < 20; length++) {
    const bytes = encode([['n'.repeat(length), byte]]);
    assert.is((bytes.length - 1) % 8, 0);
    assert.ok(headerOf(bytes).trimEnd().endsWith('}}'));
    assert.is(openSafetensors(bytesSource('m', bytes)).read('n'.repeat(length)).bytes[0], 9);
  }
});

test('refuses element types that the format lacks', () => {
  for (const dtype of DTYPES) {
    const tensor = dtype === 'string' ? makeStringTensor([0], []) : makeTensor(dtype, [0], new Uint8Array(0));
    const isHeld = !/^(string|complex128|q.*|u?int4|float8_e4m3b11fnuz)$/.test(dtype);
    if (isHeld) {
      const reader = openSafetensors(bytesSource('m', encode([['t', tensor]])));
      assert.is(reader.read('t').dtype, dtype);
    } else {
      const fault = thrownBy(() => encodeSafetensors([['t', tensor]]));
      assert.instance(fault, UnsupportedDataError);
      assert.match((fault as Error).message, `cannot hold ${dtype} elements (tensor "t")`);
    }
  }
});

test('refuses wrong names and texts when it is called', () => {
  const call = (names: readonly string[], metadata?: Record<string, string>) => () =>
    encodeSafetensors(
      names.map((name) => [name, byte]),
      { metadata },
    );
  assert.throws(call(['a', 'b', 'a']), /expected names that differ, received "a" twice/);
  assert.throws(call(['__metadata__']), /reserved/);
  assert.throws(call(['\ud800']), /valid Unicode/);
  assert.throws(call([], { k: '\udfff' }), /valid Unicode/);
  assert.throws(call([], { k: 1 as unknown as string }), (error: unknown) => error instanceof TypeError);
});

test('reads each tensor once, when its turn comes', () => {
  const reads: string[] = [];
  const lazy = (name: string, size: number): [string, FixedTensor] => [
    name,
    {
      dtype: 'uint8',
      shape: [size],
      get bytes() {
        reads.push(name);
        return new Uint8Array(size);
      },
    },
  ];
  const tensors = [lazy('c', 10), lazy('a', 3 << 20), lazy('b', 5 << 20)];
  const [part] = [...encodeSafetensors(tensors)];
  assert.equal(reads, []);
  const seen: string[] = [];
  for (const chunk of part?.chunks ?? []) seen.push(`${reads.length}:${chunk.length}`);
  assert.equal(reads, ['a', 'b', 'c']);
  assert.is(seen[0]?.startsWith('1:'), true);
  assert.equal(
    seen.slice(1).map((text) => Number(text.split(':')[1])),
    [...Array<number>(3).fill(1 << 20), ...Array<number>(5).fill(1 << 20), 10],
  );
});

test('passes large tensors on as views and packs small ones into one buffer', () => {
  const large = Float32Array.from({ length: 300_000 }, (_, i) => i);
  const small = Array.from({ length: 5000 }, (_, i): [string, Tensor] => [
    `s${i}`,
    makeTensor('uint8', [1000], new Uint8Array(1000).fill(i)),
  ]);
  const buffers = new Set<ArrayBufferLike>();
  let chunks = 0;
  for (const part of encodeSafetensors([['large', makeTensor('float32', [300_000], large)], ...small])) {
    for (const chunk of part.chunks) {
      buffers.add(chunk.buffer);
      chunks++;
    }
  }
  assert.ok(buffers.has(large.buffer));
  assert.is(buffers.size, 2);
  assert.ok(chunks <= 8, `${chunks} chunks`);

  const reader = openSafetensors(
    bytesSource('m', encode([['large', makeTensor('float32', [300_000], large)], ...small])),
  );
  assert.ok(Buffer.from(reader.read('large').bytes).equals(Buffer.from(large.buffer)));
  for (const [name, tensor] of small) {
    assert.ok(Buffer.from(reader.read(name).bytes).equals(Buffer.from((tensor as FixedTensor).bytes)), name);
  }
});

test('refuses a tensor whose bytes are not as many as its shape says', () => {
  const tensor: FixedTensor = { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) };
  const [part] = [...encodeSafetensors([['t', tensor]])];
  assert.throws(() => [...(part?.chunks ?? [])], /expected 8 bytes in "t", received 4/);
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.run();
