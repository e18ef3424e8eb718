// Every cut and every flipped bit of small files that TensorFlow wrote: refused, or without effect on what is read.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../lib/error/coded-error.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';
import { fixtureFile } from '../../format/tensor-bundle/bundle-fixtures.js';
import { block, bytes, entry, guardedSource, HEADER, type Row, table, varint } from './raw-bundle.js';

const test = suite('damaged bundles');

const DATA = '.data-00000-of-00001';

/** What can be read: name to tensor; `undefined` for one that is refused. Any error but ours goes through. */
function readAll(
  index: Uint8Array,
  shards: ReadonlyMap<string, Uint8Array>,
): Map<string, Tensor | undefined> | undefined {
  const contents = new Map<string, Tensor | undefined>();
  try {
    const bundle = openBundle(guardedSource('d.index', index), (suffix) => {
      const shard = shards.get(suffix);
      return shard && guardedSource(`d${suffix}`, shard);
    });
    for (const { name } of bundle.entries()) {
      try {
        contents.set(name, bundle.read(name));
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        contents.set(name, undefined);
      }
    }
    for (const { name, fault } of bundle.verify()) {
      assert.is(fault === undefined, contents.get(name) !== undefined, `verify and read differ about ${name}`);
    }
    assert.ok(bundle.warnings.length >= 0);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return undefined;
  }
  return contents;
}

for (const { prefix, shards } of [
  { prefix: 'bundles/nothing/empty', shards: [DATA] },
  { prefix: 'bundles/saver_v1/model.ckpt-300', shards: [DATA] },
  { prefix: 'bundles/shapes/ckpt', shards: [DATA] },
  { prefix: 'bundles/variant/ckpt', shards: [DATA] },
  { prefix: 'bundles/sharded/model.ckpt-500', shards: [0, 1, 2].map((i) => `.data-0000${i}-of-00003`) },
  { prefix: 'third-party/serving/half_plus_two_cpu/variables', shards: [DATA] },
]) {
  const index = fixtureFile(`${prefix}.index`);
  const data = new Map(shards.map((suffix) => [suffix, fixtureFile(prefix + suffix)]));
  const sound = readAll(index, data);

  test(`${prefix}: no cut of the index is read`, () => {
    assert.ok(sound !== undefined && sound.size > 0);
    for (let length = 0; length < index.length; length++) {
      assert.is(readAll(index.subarray(0, length), data), undefined, `${length} bytes`);
    }
  });

  test(`${prefix}: no cut of the data reads as something else`, () => {
    for (const [suffix, shard] of data) {
      for (let length = 0; length < shard.length; length++) {
        const read = readAll(index, new Map([...data, [suffix, shard.subarray(0, length)]]));
        assert.ok(read !== undefined && [...read.values()].includes(undefined), `${suffix}: ${length} bytes`);
        for (const [name, tensor] of read) if (tensor !== undefined) assert.equal(tensor, sound?.get(name));
      }
    }
  });

  test(`${prefix}: no flipped bit of the index is read as something else`, () => {
    let harmless = 0;
    for (let bit = 0; bit < index.length * 8; bit++) {
      const read = readAll(flipped(index, bit), data);
      if (read === undefined) continue;
      assert.equal(read, sound, `bit ${bit}`);
      harmless++;
    }
    // The padding of the footer is not checked, by no reader.
    assert.ok(harmless <= 40 * 8, `${harmless} flips had no effect`);
  });

  test(`${prefix}: no flipped bit of the data is read`, () => {
    for (const [suffix, shard] of data) {
      for (let bit = 0; bit < shard.length * 8; bit++) {
        const read = readAll(index, new Map([...data, [suffix, flipped(shard, bit)]]));
        const refused = [...(read ?? [])].filter(([, tensor]) => tensor === undefined).map(([name]) => name);
        for (const [name, tensor] of read ?? []) if (tensor !== undefined) assert.equal(tensor, sound?.get(name));
        // The bits of a tensor that is not read anyway cannot be seen.
        assert.ok(refused.length > 0, `${suffix}: bit ${bit}`);
      }
    }
  });
}

function flipped(file: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(file);
  const at = bit >>> 3;
  copy[at] = (copy[at] as number) ^ (1 << (bit & 7));
  return copy;
}

test('takes any rows or refuses them, and nothing else happens', () => {
  const small = fc.integer({ min: -3, max: 40 });
  const dimension = fc.oneof(small, fc.constantFrom(2 ** 31, 2 ** 40, 2 ** 53 - 1));
  const raw = fc.record(
    {
      dtype: fc.integer({ min: 0, max: 40 }),
      shape: fc.array(dimension, { maxLength: 4 }),
      shard: small,
      offset: dimension,
      size: dimension,
      crc: fc.constantFrom(0, 0xa282ead8),
      slices: fc.array(fc.array(fc.tuple(small, small), { maxLength: 3 }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  const value = fc.oneof(
    raw.map((fields) => entry(fields)),
    fc.uint8Array({ maxLength: 30 }),
  );
  const key = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    fc.uint8Array({ maxLength: 8 }).map((tail) => bytes([0, 0x61, 0, 1], tail)),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => Buffer.from(k).toString('hex'), maxLength: 8 }),
      fc.uint8Array({ maxLength: 60 }),
      (rows, data) => {
        const sorted = rows.sort(([a], [b]) => Buffer.compare(a, b)).map(([k, v]): Row => [k, v]);
        const index = table([[block([['', HEADER], ...sorted]), Buffer.alloc(9, 0xff)]]);
        assert.ok(readAll(index, new Map([[DATA, data]])) !== undefined);
      },
    ),
    { numRuns: 2000 },
  );
});

/** An index whose keys share all but their last three bytes. */
function longKeys(keyBytes: number, count: number): Uint8Array {
  const long = Buffer.alloc(keyBytes - 3, 0x61);
  const head = bytes(varint(0), varint(0), varint(HEADER.length), HEADER, varint(0), varint(long.length), [0], long);
  const tails = Array.from({ length: count }, (_, i) =>
    bytes(varint(long.length), varint(3), [0], [1 + (i >>> 14), 1 + ((i >>> 7) & 127), 1 + (i & 127)]),
  );
  return table([[bytes(head, ...tails, [0, 0, 0, 0, 1, 0, 0, 0]), 'b']]);
}

test('refuses keys without end from a small file', () => {
  const started = performance.now();
  for (const [index, fault] of [
    [longKeys(100_000, 20_000), /a key of 99997 bytes/],
    [longKeys(16_000, 20_000), /keys of more than 268435456 bytes/],
  ] as const) {
    assert.throws(() => openBundle(guardedSource('k.index', index), () => undefined), fault);
  }
  assert.ok(performance.now() - started < 30_000);
});

test('refuses a compressed block that would be huge', () => {
  const bomb = bytes(varint(2 ** 31), Buffer.alloc(1000, 0xfe));
  const index = table([[bomb, 'b']], { type: 1 });
  assert.throws(() => openBundle(guardedSource('b.index', index), () => undefined), /2147483648 bytes exceeds/);
});

test.run();
