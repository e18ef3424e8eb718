import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFully } from '../../../lib/store/file/write-fully.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';

const test = suite('writeFully');
const data = Uint8Array.from({ length: 2_500_000 }, (_, at) => at % 251);

/** Writes `data` where a call takes what `take` says of it, and returns what arrived and how many calls there were. */
function write(take: (length: number, call: number) => number): { content: Uint8Array; calls: number } {
  const memory = memoryFileSystem();
  const file = memory.openNew('/a');
  let calls = 0;
  const fs = {
    ...memory,
    write: (to: number, bytes: Uint8Array): number => {
      const count = take(bytes.length, calls++);
      if (count > 0 && count <= bytes.length) memory.write(to, bytes.subarray(0, count));
      return count;
    },
  };
  writeFully(fs, file, data, '/a');
  const content = new Uint8Array(memory.sizeOf(file) ?? 0);
  memory.read(file, content, 0);
  return { content, calls };
}

test('writes in pieces of at most one megabyte', () => {
  const { content, calls } = write((length) => length);
  assert.is(Buffer.compare(content, data), 0);
  assert.is(calls, 3);
});

test('goes on after short writes and after two that took nothing', () => {
  for (const take of [
    (length: number) => Math.ceil(length / 3),
    (length: number, call: number) => (call % 3 === 2 ? length : 0),
    (length: number, call: number) => Math.min(length, call + 1_000),
  ]) {
    assert.is(Buffer.compare(write(take).content, data), 0);
  }
});

test('gives up when nothing is taken, and believes no impossible count', () => {
  assert.throws(() => write(() => 0), /no byte more is taken after 0/);
  for (const count of [-1, 2_000_000, Number.NaN, 0.5]) assert.throws(() => write(() => count), /reported/, `${count}`);
});

test.run();
