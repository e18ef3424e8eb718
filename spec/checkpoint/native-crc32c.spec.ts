import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { crc32c } from '../../lib/format/crc32c.js';
import { nativeCrc32c } from '../../lib/node.js';
import { random } from '../../lib/session/random.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import { counted, times } from '../faults/soak.js';

const test = suite('nativeCrc32c');
const native = nativeCrc32c();

test('is there, for its package is a development dependency', () => {
  assert.type(native, 'function');
});

test('has the check value of CRC-32C', () => {
  // Rocksoft parameter model, CRC-32C (Castagnoli): check = 0xE3069283.
  assert.is(native?.(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.is(native?.(new Uint8Array(0)), 0);
});

test('equals ours on random bytes, at every alignment, whole and in pieces', () => {
  const generator = random(9, 'crc');
  const memory = new Uint8Array(70_000);
  for (let at = 0; at < memory.length; at++) memory[at] = generator.nextUint32();
  const cases = times(400, 20_000);
  for (let i = 0; i < cases; i++) {
    const start = generator.integer(64);
    const end = start + generator.integer(i % 10 === 0 ? memory.length - start : 200);
    const bytes = memory.subarray(start, end);
    const expected = crc32c(bytes);
    assert.is(native?.(bytes), expected, `${start} to ${end}`);
    const middle = generator.integer(bytes.length + 1);
    assert.is(native?.(bytes.subarray(middle), native(bytes.subarray(0, middle))), expected, `in pieces at ${middle}`);
    assert.is(native?.(bytes.subarray(middle), crc32c(bytes.subarray(0, middle))), expected, 'begun by ours');
  }
  counted('nativeCrc32c', { 'random pieces': cases, differences: 0 });
});

test('a bundle that it checksums has the same bytes as one of ours', () => {
  const tensors = new Map([['w', makeTensor('float32', [50, 41], Float32Array.from({ length: 2050 }, Math.sqrt))]]);
  const snapshot = { globalStep: 3, tensors, json: { parts: {} } };
  const record = { globalStep: 3, savedAt: 1, parent: undefined, metrics: new Map() };
  const bytesOf = (format = tensorBundle()): readonly Buffer[] =>
    Array.from(format.encode(snapshot, record), ({ chunks }) =>
      Buffer.concat(Array.from(chunks, (chunk) => chunk.slice())),
    );
  assert.equal(bytesOf(tensorBundle({ crc32c: native })), bytesOf());
});

test.run();
