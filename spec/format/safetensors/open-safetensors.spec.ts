import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { encodeSafetensors } from '../../../lib/format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../../lib/format/safetensors/open-safetensors.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';

const test = suite('openSafetensors');

const values = Float32Array.from({ length: 3_000_000 }, (_, i) => i);

function encoded(): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of encodeSafetensors([['w', makeTensor('float32', [3, 1_000_000], values)]])) {
    for (const chunk of part.chunks) chunks.push(chunk.slice());
  }
  return Buffer.concat(chunks);
}

const bytes = encoded();

test('reads the header alone when it opens', () => {
  let read = 0;
  const source = bytesSource('m.safetensors', bytes);
  const reader = openSafetensors({
    ...source,
    read(offset, length) {
      read += length;
      return source.read(offset, length);
    },
  });
  assert.is(read, bytes.length - values.byteLength);
  assert.equal(reader.entry('w'), {
    name: 'w',
    file: 'm.safetensors',
    fileDtype: 'F32',
    dtype: 'float32',
    shape: [3, 1_000_000],
    offset: read,
    sizeBytes: 12_000_000,
  });
  assert.is(reader.entry('x'), undefined);
  assert.equal(reader.warnings, []);
});

test('fills memory that is there already, in pieces', () => {
  const lengths: number[] = [];
  const source = bytesSource('m', bytes);
  const reader = openSafetensors({
    ...source,
    read(offset, length) {
      lengths.push(length);
      return source.read(offset, length);
    },
  });
  lengths.length = 0;
  const into = new Float32Array(values.length);
  const tensor = reader.read('w', new Uint8Array(into.buffer));
  assert.is(tensor.bytes.buffer, into.buffer);
  assert.is(Buffer.compare(Buffer.from(into.buffer), Buffer.from(values.buffer)), 0);
  assert.equal(lengths, [4 << 20, 4 << 20, 12_000_000 - (8 << 20)]);
});

test('refuses a name that is not there and memory of another size', () => {
  const reader = openSafetensors(bytesSource('m', bytes));
  assert.throws(() => reader.read('x'), /expected a tensor of m, received "x"/);
  assert.throws(() => reader.read('w', new Uint8Array(11)), /expected 12000000 bytes, received 11/);
});

test.run();
