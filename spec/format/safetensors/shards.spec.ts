import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { type ByteSource, bytesSource } from '../../../lib/format/byte-source.js';
import { decodeShardIndex } from '../../../lib/format/safetensors/decode-shard-index.js';
import { encodeSafetensors } from '../../../lib/format/safetensors/encode-safetensors.js';
import { encodeShardIndex } from '../../../lib/format/safetensors/encode-shard-index.js';
import { openShards } from '../../../lib/format/safetensors/open-shards.js';
import { planShards } from '../../../lib/format/safetensors/plan-shards.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { Tensor, TensorSpec } from '../../../lib/tensor/tensor.js';

const test = suite('sharded safetensors');

const folder = new URL('../../fixtures/safetensors/sharded/', import.meta.url);
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const INDEX = 'model.safetensors.index.json';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const spec = (bytes: number): TensorSpec => ({ dtype: 'uint8', shape: [bytes] });

function encode(tensors: Iterable<readonly [string, Tensor]>, metadata?: Record<string, string>): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of encodeSafetensors(tensors, { metadata })) {
    for (const chunk of part.chunks) chunks.push(chunk.slice());
  }
  return Buffer.concat(chunks);
}

test('writes the index of transformers byte for byte', () => {
  const bytes = fixture(INDEX);
  const index = decodeShardIndex(bytes);
  assert.is(index.totalSizeBytes, 26624);
  assert.is(index.totalParameters, 6656);
  assert.ok(Buffer.from(encodeShardIndex(index)).equals(bytes));
  const shuffled = { ...index, weightMap: new Map([...index.weightMap].reverse()) };
  assert.ok(Buffer.from(encodeShardIndex(shuffled)).equals(bytes));
});

test('writes names outside of ASCII as Python does, sorted by code points', () => {
  const weightMap = new Map(['10', '9', '😀', '\ufffd', 'é\u007f"'].map((name) => [name, 'm.safetensors']));
  const written = new TextDecoder().decode(encodeShardIndex({ totalSizeBytes: 0, weightMap }));
  assert.is(
    written,
    `{
  "metadata": {
    "total_size": 0
  },
  "weight_map": {
    "10": "m.safetensors",
    "9": "m.safetensors",
    "\\u00e9\\u007f\\"": "m.safetensors",
    "\\ufffd": "m.safetensors",
    "\\ud83d\\ude00": "m.safetensors"
  }
}
`,
  );
  assert.equal([...decodeShardIndex(text(written)).weightMap.keys()].sort(), [...weightMap.keys()].sort());
  assert.is(
    new TextDecoder().decode(encodeShardIndex({ weightMap: new Map() })),
    '{\n  "metadata": {},\n  "weight_map": {}\n}\n',
  );
});

test('reads the set of transformers as if it were one file', () => {
  const reader = openShards(bytesSource(INDEX, fixture(INDEX)), (name) => bytesSource(name, fixture(name)));
  assert.equal(reader.warnings, []);
  assert.equal([...reader.metadata], [['format', 'pt']]);
  const seen = [...reader.entries()];
  assert.is(seen.length, decodeShardIndex(fixture(INDEX)).weightMap.size);
  for (const { name, file } of seen) {
    const expected = JSON.parse(new TextDecoder().decode(fixture(file.replace('.safetensors', '.expected.json'))));
    const digest = createHash('sha256').update(reader.read(name).bytes).digest('hex');
    assert.is(digest, expected.tensors[name].sha256, name);
  }
  assert.throws(() => reader.read('x'), /expected a tensor of model.safetensors.index.json, received "x"/);
});

test('plans the shards of transformers', () => {
  const { weightMap } = decodeShardIndex(fixture(INDEX));
  const reader = openShards(bytesSource(INDEX, fixture(INDEX)), (name) => bytesSource(name, fixture(name)));
  // The order and the limit are inferred: that of a model's layers, and one of those that the sizes of the files allow.
  const modules = ['embeddings', 'attention.self', 'attention.output.dense', 'attention.output', 'intermediate'];
  const rank = (name: string): string => {
    const layer = /layer\.(\d)/.exec(name)?.[1] ?? (name.startsWith('embeddings') ? '' : '9');
    const module = modules.findIndex((part) => name.includes(part));
    return `${layer} ${module < 0 ? 8 : module} ${name.endsWith('weight') ? 0 : 1}`;
  };
  const entries = [...reader.entries()].sort((a, b) => (rank(a.name) < rank(b.name) ? -1 : 1));
  const shards = planShards(
    entries.map((entry) => [entry.name, spec(entry.sizeBytes)]),
    12_000,
  );
  for (const { fileName, names } of shards) {
    const expected = [...weightMap].filter(([, file]) => file === fileName).map(([name]) => name);
    assert.equal([...names].sort(), expected.sort(), fileName);
  }
  assert.is(shards.length, 3);
});

test('plans one file, several, and one for what is too large', () => {
  assert.equal(planShards([], 10), [{ fileName: 'model.safetensors', names: [], sizeBytes: 0 }]);
  assert.equal(
    planShards(
      [
        ['a', spec(4)],
        ['b', spec(6)],
      ],
      10,
    ),
    [{ fileName: 'model.safetensors', names: ['a', 'b'], sizeBytes: 10 }],
  );
  assert.equal(
    planShards(
      [
        ['a', spec(4)],
        ['b', spec(11)],
        ['c', spec(6)],
        ['d', spec(1)],
      ],
      10,
      { baseName: 'm' },
    ),
    [
      { fileName: 'm-00001-of-00003.safetensors', names: ['b'], sizeBytes: 11 },
      { fileName: 'm-00002-of-00003.safetensors', names: ['a', 'c'], sizeBytes: 10 },
      { fileName: 'm-00003-of-00003.safetensors', names: ['d'], sizeBytes: 1 },
    ],
  );
  assert.throws(() => planShards([], 0), /expected a whole number from 1, received 0/);
  assert.throws(() => planShards([['s', { dtype: 'string', shape: [] }]], 1), /cannot hold string/);
});

test('refuses names that are paths, in both directions', () => {
  for (const name of ['../m', '/m', 'a/m', 'a\\m', '..', '.', '', 'C:m', 'm\0', 'm\n']) {
    const json = JSON.stringify({ weight_map: { t: name } });
    assert.throws(
      () => decodeShardIndex(text(json)),
      (error: unknown) => error instanceof CorruptDataError,
      name,
    );
    assert.throws(
      () => encodeShardIndex({ weightMap: new Map([['t', name]]) }),
      (error: unknown) => error instanceof RangeError,
      name,
    );
  }
});

test('refuses an index that breaks the rules', () => {
  const refused: [string, RegExp][] = [
    ['{}', /no weight_map/],
    ['{"weight_map":{"a":"m","a":"n"}}', /duplicate key "a"/],
    ['{"weight_map":{"a":1}}', /expected a string/],
    ['{"weight_map":[]}', /expected an object/],
    ['{"weight_map":{},"weight_map":{}}', /duplicate key/],
    ['{"metadata":{"total_size":"1"},"weight_map":{}}', /expected a value/],
    ['{"weight_map":{}} x', /text after/],
    ['', /expected an object/],
  ];
  for (const [json, fault] of refused) assert.throws(() => decodeShardIndex(text(json)), fault);
  const bytes = fixture(INDEX);
  for (let length = 0; length < bytes.length - 2; length += 7) {
    assert.throws(
      () => decodeShardIndex(bytes.subarray(0, length)),
      (e: unknown) => e instanceof CorruptDataError,
    );
  }
});

test('takes an index without metadata, with more fields, and with a fraction for the size', () => {
  assert.equal([...decodeShardIndex(text('{"weight_map":{"a":"m"},"x":[1]}')).weightMap], [['a', 'm']]);
  assert.is(decodeShardIndex(text('{"metadata":{"total_size":12.5,"y":{}},"weight_map":{}}')).totalSizeBytes, 12.5);
});

test('refuses a missing shard and a missing tensor, by name', () => {
  const byte = makeTensor('uint8', [1], Uint8Array.of(1));
  const index = bytesSource(
    INDEX,
    encodeShardIndex({
      weightMap: new Map([
        ['a', 'm'],
        ['b', 'n'],
      ]),
    }),
  );
  const files = new Map<string, ByteSource>([['m', bytesSource('m', encode([['a', byte]]))]]);
  assert.throws(() => openShards(index, (name) => files.get(name)), /shard "n" is missing/);
  files.set('n', bytesSource('n', encode([['c', byte]])));
  assert.throws(() => openShards(index, (name) => files.get(name)), /not in n .*tensor "b"/);
});

test('warns of tensors that are not listed, of another total size and of metadata that differs', () => {
  const byte = makeTensor('uint8', [1], Uint8Array.of(1));
  const two = makeTensor('uint8', [1], Uint8Array.of(2));
  const weightMap = new Map([
    ['a', 'm'],
    ['b', 'n'],
  ]);
  const files = new Map<string, ByteSource>([
    [
      'm',
      bytesSource(
        'm',
        encode(
          [
            ['a', byte],
            ['extra', byte],
          ],
          { format: 'pt' },
        ),
      ),
    ],
    [
      'n',
      bytesSource(
        'n',
        encode(
          [
            ['a', two],
            ['b', byte],
          ],
          { format: 'np', more: '1' },
        ),
      ),
    ],
  ]);
  const reader = openShards(bytesSource(INDEX, encodeShardIndex({ totalSizeBytes: 2, weightMap })), (n) =>
    files.get(n),
  );
  assert.equal(reader.warnings, [
    'tensor "extra" of m is not listed there by model.safetensors.index.json',
    'metadata "format" of n differs',
    'tensor "a" of n is not listed there by model.safetensors.index.json',
    'model.safetensors.index.json gives a total size of 2 bytes, the shards hold 4',
  ]);
  assert.equal(
    [...reader.entries()].map(({ name, file }) => [name, file]),
    [
      ['a', 'm'],
      ['b', 'n'],
    ],
  );
  assert.equal([...reader.read('a').bytes], [1]);
  assert.equal(Object.fromEntries(reader.metadata), { format: 'pt', more: '1' });
  assert.throws(
    () => reader.read('extra'),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
