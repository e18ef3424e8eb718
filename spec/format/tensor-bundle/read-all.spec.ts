import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { encodeBundle } from '../../../lib/format/tensor-bundle/encode-bundle.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';
import { makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';

const test = suite('readAll');

/** Tensors of many sizes and kinds, in no order of names. */
function tensorsOf(count: number): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (let i = 0; i < count; i++) {
    const name = `w${(i * 7919) % count}`;
    const size = i % 97 === 0 ? 60_000 : i % 13;
    tensors.set(
      name,
      i % 11 === 0
        ? makeStringTensor([2], [`s${i}`, ''])
        : makeTensor(
            'float64',
            [size],
            Float64Array.from({ length: size }, (_, at) => i + at / 7),
          ),
    );
  }
  return tensors;
}

function filesOf(tensors: Iterable<readonly [string, Tensor]>): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { suffix, chunks } of encodeBundle(tensors)) {
    files.set(suffix, new Uint8Array(Buffer.concat(Array.from(chunks, (chunk) => Buffer.from(chunk)))));
  }
  return files;
}

function open(files: ReadonlyMap<string, Uint8Array>): ReturnType<typeof openBundle> {
  return openBundle(bytesSource('m.index', files.get('.index') as Uint8Array), (suffix) => {
    const bytes = files.get(suffix);
    return bytes && bytesSource(`m${suffix}`, bytes);
  });
}

for (const order of ['in another order than the names', 'in the order of the names']) {
  test(`reads what reading one by one does, if the data lies ${order}`, () => {
    const tensors = [...tensorsOf(2000)];
    if (order === 'in the order of the names') tensors.sort(([a], [b]) => (a < b ? -1 : 1));
    const bundle = open(filesOf(tensors));
    const all = bundle.readAll();
    assert.equal(
      [...all.keys()],
      [...bundle.entries()].map(({ name }) => name),
    );
    for (const [name, tensor] of all) assert.equal(tensor, bundle.read(name), name);
  });
}

test('small tensors share memory without touching, each aligned for any element', () => {
  const all = [
    ...open(filesOf(tensorsOf(500)))
      .readAll()
      .values(),
  ].flatMap((tensor) => (tensor.dtype === 'string' ? [] : [tensor.bytes]));
  assert.ok(new Set(all.map(({ buffer }) => buffer)).size < all.length / 4, 'they do not share');
  const before = all.map((bytes) => bytes.slice());
  for (const [i, bytes] of all.entries()) {
    assert.is(bytes.byteOffset % 8, 0);
    bytes.fill(0xa5);
    for (const [other, kept] of before.entries()) {
      if (other > i && other < i + 3) assert.is(Buffer.compare(all[other] as Uint8Array, kept), 0);
    }
  }
});

test('a damaged tensor among many is found and named', () => {
  const files = filesOf(tensorsOf(300));
  const data = files.get('.data-00000-of-00001') as Uint8Array;
  const victim = [...open(files).entries()].find(({ sizeBytes }) => sizeBytes > 50 && sizeBytes < 200);
  assert.ok(victim);
  data[victim.offset + 3] = (data[victim.offset + 3] as number) ^ 1;
  let thrown: unknown;
  try {
    open(files).readAll();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, CorruptDataError);
  assert.match((thrown as CorruptDataError).message, `"${victim.name}"`);
});

test.run();
