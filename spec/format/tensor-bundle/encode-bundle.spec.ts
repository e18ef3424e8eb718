import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { crc32c } from '../../../lib/format/crc32c.js';
import type { BundleReader } from '../../../lib/format/tensor-bundle/bundle-reader.js';
import { encodeBundle } from '../../../lib/format/tensor-bundle/encode-bundle.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';
import { DTYPES, elementBytes } from '../../../lib/tensor/dtype.js';
import { float32Scalar, makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import { elementCount, type Tensor } from '../../../lib/tensor/tensor.js';
import { bundleFixtures, fixtureFile, openFixture } from './bundle-fixtures.js';

const test = suite('encodeBundle');

const DATA = '.data-00000-of-00001';

function encode(tensors: Iterable<readonly [string, Tensor]>): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const { suffix, chunks } of encodeBundle(tensors)) {
    files.set(suffix, Buffer.concat(Array.from(chunks, (chunk) => new Uint8Array(chunk))));
  }
  return files;
}

function reopen(files: ReadonlyMap<string, Buffer>): BundleReader {
  const open = (suffix: string) => {
    const file = files.get(suffix);
    return file && bytesSource(suffix, file);
  };
  const index = open('.index');
  assert.ok(index);
  return openBundle(index, open);
}

/**
 * All but those with slices, with several data files or with tensors that cannot be read, and one by a TensorFlow that
 * still compressed its index.
 */
const golden = [
  ...bundleFixtures('bundles', 'expected/bundles'),
  ...bundleFixtures('third-party', 'third-party/expected'),
].filter(({ prefix }) => !/partitioned|sharded|variant|saver_v1|half_plus_two/.test(prefix));

test('has golden files', () => {
  assert.is(golden.length, 15);
});

for (const { prefix } of golden) {
  test(`writes ${prefix} byte for byte as TensorFlow`, () => {
    const bundle = openFixture(prefix);
    const inDataOrder = [...bundle.entries()].sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
    const files = encode(inDataOrder.map(({ name }) => [name, bundle.read(name)] as const));
    assert.equal([...files.keys()], [DATA, '.index']);
    for (const [suffix, file] of files) {
      assert.ok(file.equals(fixtureFile(prefix + suffix)), suffix);
    }
  });
}

test('writes the empty string tensor with the checksum of its lengths', () => {
  const files = encode([['s', makeStringTensor([0], [])]]);
  assert.is(files.get(DATA)?.toString('hex'), 'd8ea82a2');
  assert.is(reopen(files).entry('s')?.crc32c, 0x640cc1f6);
});

test('writes strings as the page has them', () => {
  const files = encode([['s', makeStringTensor([3], ['a', '', 'bcd'])]]);
  assert.is(files.get(DATA)?.toString('hex'), '0100033fdb2b7361626364');
  assert.is(reopen(files).entry('s')?.crc32c, 0x254ac41e);
});

test('writes a bundle of no tensors', () => {
  const files = encode([]);
  assert.is(files.get(DATA)?.length, 0);
  assert.equal([...reopen(files).entries()], []);
});

test('keeps every dtype, byte for byte', () => {
  const tensors = DTYPES.map((dtype): [string, Tensor] => {
    if (dtype === 'string') return [dtype, makeStringTensor([2], ['', 'x'])];
    const bytes = new Uint8Array(6 * elementBytes(dtype)).map((_, i) => (i * 37 + 255) & 255);
    return [dtype, makeTensor(dtype, [2, 3], bytes)];
  });
  const bundle = reopen(encode(tensors));
  for (const [name, tensor] of tensors) assert.equal(bundle.read(name), tensor);
  assert.equal(bundle.warnings, []);
});

test('orders the index by UTF-8 bytes and the data as given', () => {
  const names = ['\u{1f600}', '\ufffd', 'b', 'a', 'B', '\u0000x', '\u0001'];
  const bundle = reopen(encode(names.map((name, i) => [name, float32Scalar(i)])));
  assert.equal(
    [...bundle.entries()].map(({ name }) => name),
    ['\u0000x', '\u0001', 'B', 'a', 'b', '\ufffd', '\u{1f600}'],
  );
  for (const [i, name] of names.entries()) {
    assert.is(bundle.entry(name)?.offset, i * 4);
    assert.equal(bundle.read(name), float32Scalar(i));
  }
});

test('refuses names at once', () => {
  const one = float32Scalar(1);
  for (const [names, fault] of [
    [[''], /expected a name, received ""/],
    [['a', 'b', 'a'], /names that differ, received "a"/],
    [['a\ud800b'], /valid Unicode/],
    [['\udc00'], /valid Unicode/],
    [['x'.repeat(16_001)], /up to 16000 bytes/],
    [['ü'.repeat(8001)], /up to 16000 bytes/],
  ] as const) {
    assert.throws(
      () => encodeBundle(names.map((name) => [name, one] as const)),
      (error: unknown) => error instanceof TypeError && fault.test(error.message),
    );
  }
});

test('takes names of up to 16,000 bytes', () => {
  const tensors = ['x'.repeat(16_000), 'ü'.repeat(8000)].map((name) => [name, float32Scalar(1)] as const);
  const bundle = reopen(encode(tensors));
  for (const [name, tensor] of tensors) assert.equal(bundle.read(name), tensor);
});

test('refuses shapes at once', () => {
  for (const [tensor, fault] of [
    [makeTensor('uint8', new Array<number>(255).fill(1), Uint8Array.of(1)), /at most 254 dimensions/],
    [{ dtype: 'float32', shape: [-1], bytes: new Uint8Array(4) } as const, /whole numbers/],
    [{ dtype: 'string', shape: [2], values: [] } as const, /expected 2 strings in "t", received 0/],
  ] as const) {
    assert.throws(
      () => encodeBundle([['t', tensor]]),
      (error: unknown) => error instanceof RangeError && fault.test(error.message),
    );
  }
  const deep = makeTensor('uint8', new Array<number>(254).fill(1), Uint8Array.of(9));
  assert.equal(reopen(encode([['t', deep]])).read('t'), deep);
});

test('refuses a tensor whose bytes are not those of its shape when its turn comes', () => {
  const [data] = encodeBundle([['t', { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) }]]);
  assert.throws(
    () => [...(data?.chunks ?? [])],
    (error: unknown) => error instanceof RangeError,
  );
});

test('refuses to write the index before the data was taken', () => {
  const files = encodeBundle([['t', float32Scalar(1)]]);
  files.next();
  assert.throws(() => files.next(), /data file to be taken/);
});

test('reads the bytes of each tensor once, when its turn comes', () => {
  const reads: string[] = [];
  const lazy = (name: string): readonly [string, Tensor] => [
    name,
    {
      dtype: 'uint8',
      shape: [2 ** 20],
      get bytes() {
        reads.push(name);
        return new Uint8Array(2 ** 20).fill(reads.length);
      },
    },
  ];
  const files = encodeBundle([lazy('a'), lazy('b')]);
  assert.equal(reads, []);
  const data = files.next().value;
  assert.ok(data);
  const chunks = data.chunks[Symbol.iterator]();
  chunks.next();
  assert.equal(reads, ['a']);
  for (let next = chunks.next(); next.done !== true; next = chunks.next()) assert.ok(next.value.length > 0);
  assert.equal(reads, ['a', 'b']);
  files.next();
  assert.equal(reads, ['a', 'b']);
});

test('passes large tensors on as views and packs small ones', () => {
  const large = new Uint8Array(5 * 2 ** 20 + 3);
  const small = Array.from({ length: 1000 }, (_, i): [string, Tensor] => [`s${i}`, float32Scalar(i)]);
  const [data] = encodeBundle([...small, ['large', makeTensor('uint8', [large.length], large)]]);
  const chunks: { length: number; isView: boolean }[] = [];
  for (const chunk of data?.chunks ?? []) {
    chunks.push({ length: chunk.length, isView: chunk.buffer === large.buffer });
  }
  assert.equal(chunks[0], { length: 4000, isView: false });
  assert.is(
    chunks.filter(({ isView }) => isView).reduce((sum, { length }) => sum + length, 0),
    5 * 2 ** 20,
  );
  assert.ok(chunks.every(({ length }) => length <= 4 * 2 ** 20));
});

test('uses the given checksum', () => {
  let summed = 0;
  const counting = (bytes: Uint8Array, seed?: number) => {
    summed += bytes.length;
    return crc32c(bytes, seed);
  };
  let indexBytes = 0;
  for (const { suffix, chunks } of encodeBundle([['t', float32Scalar(1)]], { crc32c: counting })) {
    for (const chunk of chunks) if (suffix === '.index') indexBytes += chunk.length;
  }
  // The elements, and all of the index but its footer and the checksums of its three blocks.
  assert.is(summed, 4 + indexBytes - 48 - 3 * 4);
});

test('is read back as it was', () => {
  const dtypes = DTYPES.filter((dtype) => dtype !== 'string');
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const fixed = fc.tuple(fc.constantFrom(...dtypes), shape, fc.infiniteStream(fc.integer({ min: 0, max: 255 }))).map(
    ([dtype, dims, stream]): Tensor =>
      makeTensor(
        dtype,
        dims,
        Uint8Array.from({ length: elementCount(dims) * elementBytes(dtype) }, () => Number(stream.next().value)),
      ),
  );
  const strings = fc.tuple(shape, fc.infiniteStream(fc.uint8Array({ maxLength: 300 }))).map(
    ([dims, stream]): Tensor =>
      makeStringTensor(
        dims,
        Array.from({ length: elementCount(dims) }, () => stream.next().value ?? new Uint8Array(0)),
      ),
  );
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, fc.oneof(fixed, strings)), { selector: ([key]) => key, maxLength: 40 }),
      (tensors) => {
        const bundle = reopen(encode(tensors));
        assert.is([...bundle.entries()].length, tensors.length);
        for (const [key, tensor] of tensors) assert.equal(bundle.read(key), tensor);
        assert.equal(
          [...bundle.verify()].filter(({ fault }) => fault !== undefined),
          [],
        );
        assert.equal(bundle.warnings, []);
      },
    ),
    { numRuns: 150 },
  );
});

test.run();
