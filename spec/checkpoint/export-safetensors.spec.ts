import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportSafetensors } from '../../lib/checkpoint/export-safetensors.js';
import { UnsupportedDataError } from '../../lib/error/unsupported-data-error.js';
import { bytesSource } from '../../lib/format/byte-source.js';
import { openSafetensors } from '../../lib/format/safetensors/open-safetensors.js';
import { openShards } from '../../lib/format/safetensors/open-shards.js';
import { makeStringTensor, makeTensor } from '../../lib/tensor/make-tensor.js';
import type { Tensor } from '../../lib/tensor/tensor.js';

const test = suite('exportSafetensors');
const folder = mkdtempSync(join(tmpdir(), 'tidemark-spec-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const source = (name: string) => bytesSource(name, new Uint8Array(readFileSync(join(folder, name))));
const weights = new Map<string, Tensor>(
  ['a', 'b', 'c'].map((name, index) => [name, makeTensor('float32', [4], Float32Array.of(index, 1, 2, 3))]),
);

test('writes nothing before it is subscribed to', () => {
  exportSafetensors(folder, weights);
  assert.equal(readdirSync(folder), []);
});

test('shares large weights out to shards, with an index', async () => {
  const written = await firstValueFrom(exportSafetensors(folder, weights, { maxShardBytes: 32 }));
  assert.equal(written, [
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ]);
  assert.equal(readdirSync(folder).sort(), [...written].sort());
  const shards = openShards(source('model.safetensors.index.json'), (name) =>
    existsSync(join(folder, name)) ? source(name) : undefined,
  );
  for (const [name, tensor] of weights) assert.equal(shards.read(name).bytes, 'bytes' in tensor && tensor.bytes);
});

test('writes one file, and removes the shards of an earlier export but nothing else', async () => {
  writeFileSync(join(folder, 'model.ckpt-5.safetensors'), 'of somebody');
  const written = await firstValueFrom(exportSafetensors(folder, weights, { metadata: { format: 'pt' } }));
  assert.equal(written, ['model.safetensors']);
  assert.equal(readdirSync(folder).sort(), ['model.ckpt-5.safetensors', 'model.safetensors']);
  const file = openSafetensors(source('model.safetensors'));
  assert.is(file.metadata.get('format'), 'pt');
  assert.equal(
    [...file.entries()].map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('refuses what the format cannot hold, and leaves what was there', async () => {
  const before = readFileSync(join(folder, 'model.safetensors'));
  const isRefused = (error: unknown) => error instanceof UnsupportedDataError;
  assert.throws(() => exportSafetensors(folder, new Map([['s', makeStringTensor([], ['x'])]])), isRefused);
  const complex = new Map([...weights, ['z', makeTensor('complex128', [1], new Float64Array(2))] as const]);
  await firstValueFrom(exportSafetensors(folder, complex)).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(isRefused(error)),
  );
  assert.equal(readFileSync(join(folder, 'model.safetensors')), before);
  assert.is(readdirSync(folder).length, 2);
  assert.throws(() => exportSafetensors('', weights), /exportSafetensors\(folder\): expected a path, received ""/);
});

test.run();
