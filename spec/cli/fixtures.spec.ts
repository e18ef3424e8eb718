import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tidemark } from './fake-io.js';

const test = suite('tidemark on files of other programs');
const fixtures = fileURLToPath(new URL('../../../shared/fixtures', import.meta.url));

interface Listed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256: string | null;
}

interface Expected {
  readonly tensors: readonly Listed[] | Readonly<Record<string, Omit<Listed, 'name'>>>;
}

/** The element types of safetensors in our words. */
const SAFETENSORS_DTYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
  C64: 'complex64',
};

function pathsBelow(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.json'))
        .sort()
    : [];
}

function expectedIn(...path: string[]): Expected {
  return JSON.parse(readFileSync(join(fixtures, ...path), 'utf8')) as Expected;
}

const cases: (readonly [file: string, expected: Expected])[] = [];
for (const kind of ['bundles', 'safetensors']) {
  for (const path of pathsBelow(join(fixtures, 'expected', kind))) {
    const file = join(kind, path.replace(/\.json$/, kind === 'safetensors' ? '.safetensors' : ''));
    cases.push([file, expectedIn('expected', kind, path)]);
  }
}
for (const path of pathsBelow(join(fixtures, 'third-party', 'expected'))) {
  cases.push([join('third-party', path.replace(/\.json$/, '')), expectedIn('third-party', 'expected', path)]);
}

for (const [file, { tensors }] of cases) {
  test(`inspect --json ${file}`, async () => {
    const { exitCode, out, err } = await tidemark(fixtures, 'inspect', '--json', file);
    assert.equal([exitCode, err], [0, '']);
    const found = JSON.parse(out) as { readonly tensors: readonly Listed[] };
    assert.equal(Object.keys(found), ['tensors']);
    for (const tensor of found.tensors) assert.equal(Object.keys(tensor), ['name', 'dtype', 'shape', 'sha256']);
    const expected = Array.isArray(tensors)
      ? (tensors as readonly Listed[]).map(({ name, dtype, shape, sha256 }) => ({ name, dtype, shape, sha256 }))
      : Object.entries(tensors as Readonly<Record<string, Listed>>).map(([name, { dtype, shape, sha256 }]) => ({
          name,
          dtype: SAFETENSORS_DTYPES[dtype] ?? dtype,
          shape,
          sha256,
        }));
    const byName = (a: Listed, b: Listed): number => (a.name < b.name ? -1 : 1);
    assert.equal([...found.tensors].sort(byName), [...expected].sort(byName));
  });
}

test('inspect takes any file of a checkpoint for the checkpoint', async () => {
  if (cases.length === 0) return;
  const { out } = await tidemark(fixtures, 'inspect', 'bundles/sharded/model.ckpt-500');
  for (const file of ['model.ckpt-500.index', 'model.ckpt-500.data-00001-of-00003']) {
    assert.equal(await tidemark(fixtures, 'inspect', `bundles/sharded/${file}`), { exitCode: 0, out, err: '' });
  }
});

for (const [folder, exitCode, last] of [
  ['bundles/object', 0, '4'],
  ['bundles/saver_v1', 0, '300'],
  ['bundles/sharded', 0, '500'],
  ['bundles/variant', 0, '0'],
  ['bundles/names', 0, '1000'],
  ['safetensors', 3, 'none'],
] as const) {
  test(`verify ${folder}`, async () => {
    if (cases.length === 0) return;
    const result = await tidemark(fixtures, 'verify', folder);
    assert.equal([result.exitCode, result.out.trimEnd().split('\n').at(-1)], [exitCode, last], result.out);
  });
}

if (cases.length === 0) console.log(`\nskipped: tidemark on files of other programs: no ${fixtures}`);
test('has looked at files of every kind', () => {
  assert.ok(cases.length === 0 || cases.length > 25, `${cases.length} files`);
});

test.run();
