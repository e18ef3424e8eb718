// Files that safetensors 0.8.0 and transformers 5.18.0 wrote, against what the former says of them.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { encodeSafetensors } from '../../../lib/format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../../lib/format/safetensors/open-safetensors.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';

const test = suite('safetensors, files of the reference');

const folder = new URL('../../fixtures/safetensors/', import.meta.url);

interface Expected {
  readonly metadata: Record<string, string> | null;
  readonly order: readonly string[];
  readonly tensors: Record<string, { dtype: string; shape: number[]; bytes: number; sha256: string }>;
}

const names = [
  'dtypes',
  'many',
  'names',
  'nothing',
  'only_metadata',
  'order',
  'shapes',
  'torch',
  'sharded/model-00001-of-00003',
  'sharded/model-00002-of-00003',
  'sharded/model-00003-of-00003',
];

for (const name of names) {
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.safetensors`, folder)));
  const expected: Expected = JSON.parse(readFileSync(new URL(`${name}.expected.json`, folder), 'utf8'));

  test(`reads ${name} as the reference does`, () => {
    const reader = openSafetensors(bytesSource(name, bytes));
    assert.equal(Object.fromEntries(reader.metadata), expected.metadata ?? {});
    const entries = [...reader.entries()];
    assert.equal(
      entries.map((entry) => entry.name),
      expected.order,
    );
    assert.is(entries.length, Object.keys(expected.tensors).length);
    for (const entry of entries) {
      const { dtype, shape, bytes: sizeBytes, sha256 } = expected.tensors[entry.name] as Expected['tensors'][string];
      assert.is(entry.fileDtype, dtype);
      assert.equal(entry.shape, shape);
      assert.is(entry.sizeBytes, sizeBytes);
      assert.is(digest(reader.read(entry.name).bytes), sha256, entry.name);
      const into = new Uint8Array(sizeBytes).fill(0xaa);
      assert.is(reader.read(entry.name, into).bytes, into);
      assert.is(digest(into), sha256, `${entry.name}, in place`);
    }
  });

  test(`writes ${name} byte for byte, whatever the order of the tensors`, () => {
    const reader = openSafetensors(bytesSource(name, bytes));
    const tensors = [...reader.entries()].map((entry): [string, Tensor] => [entry.name, reader.read(entry.name)]);
    for (const order of [tensors, [...tensors].reverse(), [...tensors].sort(() => (tensors.length % 2 ? 1 : -1))]) {
      const parts = [...encodeSafetensors(order, { metadata: reader.metadata })].map((part) => ({
        suffix: part.suffix,
        bytes: Buffer.concat([...part.chunks].map((chunk) => Buffer.from(chunk))),
      }));
      assert.is(parts.length, 1);
      assert.is(parts[0]?.suffix, '.safetensors');
      assert.ok(parts[0]?.bytes.equals(bytes));
    }
  });
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test.run();
