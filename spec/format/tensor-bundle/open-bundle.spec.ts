import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { crc32c } from '../../../lib/format/crc32c.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';
import { digestChunks } from '../../../lib/tensor/digest-chunks.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';
import { bundleFixtures, fixtureFile, openFixture } from './bundle-fixtures.js';

const test = suite('openBundle');
const fixtures = [
  ...bundleFixtures('bundles', 'expected/bundles'),
  ...bundleFixtures('third-party', 'third-party/expected'),
];

function sha256(tensor: Tensor): string {
  const hash = createHash('sha256');
  for (const chunk of digestChunks(tensor)) hash.update(chunk);
  return hash.digest('hex');
}

test('finds the fixtures', () => {
  assert.is(fixtures.length, 21);
});

for (const { prefix, expected } of fixtures) {
  test(`reads ${prefix} as TensorFlow does`, () => {
    const bundle = openFixture(prefix);
    const listed = [...bundle.entries()].map(({ name, dtype, shape }) => ({ name, dtype, shape }));
    assert.equal(
      listed.sort((a, b) => (a.name < b.name ? -1 : 1)),
      expected.map(({ name, dtype, shape }) => ({ name, dtype, shape })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    for (const { name, dtype, shape, sha256: digest } of expected) {
      if (digest === null) {
        assert.throws(
          () => bundle.read(name),
          (error: unknown) => error instanceof UnsupportedDataError,
        );
        continue;
      }
      const tensor = bundle.read(name);
      assert.equal({ dtype: tensor.dtype, shape: tensor.shape }, { dtype, shape });
      assert.is(sha256(tensor), digest, name);
    }
    const faults = [...bundle.verify()].filter(({ fault }) => fault !== undefined);
    assert.equal(
      faults.map(({ name }) => name),
      expected.filter(({ sha256: digest }) => digest === null).map(({ name }) => name),
    );
  });
}

test('lists without touching the data, in byte order', () => {
  const bundle = openBundle(bytesSource('n.index', fixtureFile('bundles/names/model.ckpt-1000.index')), () => {
    throw new Error('the data was asked for');
  });
  const names = [...bundle.entries()].map(({ name }) => Buffer.from(name));
  assert.equal(names, [...names].sort(Buffer.compare));
  assert.is(bundle.shardCount, 1);
  assert.is(bundle.entry('dense/kernel')?.sizeBytes, 8);
  assert.is(bundle.entry('no such tensor'), undefined);
});

test('lists 9,000 tensors within 50 ms', () => {
  const file = fixtureFile('bundles/many/ckpt.index');
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    assert.is([...openBundle(bytesSource('m.index', file), () => undefined).entries()].length, 9000);
    return performance.now() - start;
  });
  assert.ok(Math.min(...times) < 50, `${times.map((time) => time.toFixed(1))} ms`);
});

test('puts a partitioned tensor together across data files', () => {
  const bundle = openFixture('bundles/sharded/model.ckpt-500');
  const entry = bundle.entry('emb');
  assert.ok(entry !== undefined && entry.slices.length > 1);
  assert.is(entry.sizeBytes, 96);
  assert.is(bundle.shardCount, 3);
});

test('reads into memory that is there, and into no other', () => {
  const bundle = openFixture('bundles/partitioned/ckpt');
  for (const name of ['plain', 'w', 'quarters']) {
    const memory = new Uint8Array(100).fill(0xee);
    const tensor = bundle.read(name, memory.subarray(2, 98));
    assert.ok(tensor.dtype === 'float32' && tensor.bytes.buffer === memory.buffer);
    assert.equal([...memory.subarray(0, 2), ...memory.subarray(98)], [0xee, 0xee, 0xee, 0xee]);
    assert.equal(
      Array.from(new Float32Array(memory.slice(2, 98).buffer)),
      Array.from({ length: 24 }, (_, i) => i),
    );
    assert.throws(() => bundle.read(name, new Uint8Array(95)), /expected 96 bytes, received 95/);
  }
  assert.throws(() => openFixture('bundles/strings/ckpt').read('s/one', new Uint8Array(3)), /strings/);
  assert.throws(
    () => bundle.read('nothing of that name'),
    (error: unknown) => error instanceof RangeError,
  );
});

test('uses a source that reads into memory, and the given checksum', () => {
  const data = fixtureFile('bundles/large/ckpt.data-00000-of-00001');
  let asked = 0;
  let summed = 0;
  const bundle = openBundle(
    bytesSource('l.index', fixtureFile('bundles/large/ckpt.index')),
    (suffix) => ({
      ...bytesSource(suffix, data),
      readInto: (offset, into) => {
        asked += into.length;
        into.set(data.subarray(offset, offset + into.length));
      },
    }),
    {
      crc32c: (bytes, seed) => {
        summed += bytes.length;
        return crc32c(bytes, seed);
      },
    },
  );
  const before = summed;
  const tensor = bundle.read('big');
  assert.is(asked, 1_200_004);
  assert.is(summed - before, 1_200_004);
  assert.ok(tensor.dtype === 'float32' && tensor.bytes.buffer !== data.buffer);
});

test('gives memory of its own', () => {
  const data = fixtureFile('bundles/strings/ckpt.data-00000-of-00001');
  const bundle = openBundle(
    bytesSource('s.index', fixtureFile('bundles/strings/ckpt.index')),
    // A Node buffer, whose `slice` is a view.
    (suffix) => bytesSource(suffix, Buffer.from(data.buffer)),
  );
  const tensors = [...bundle.entries()].map(({ name }) => bundle.read(name));
  const digests = tensors.map(sha256);
  data.fill(0);
  assert.equal(tensors.map(sha256), digests);
});

test.run();
