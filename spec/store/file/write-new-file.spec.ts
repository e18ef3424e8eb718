import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeNewFile } from '../../../lib/store/file/write-new-file.js';
import type { FileSystem } from '../../../lib/store/file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';

const MIB = 1 << 20;
const test = suite('writeNewFile');

/** Writes a file of chunks of 1 MiB; returns how many MiB were in it when write-out was hinted at, and when it was synced. */
function write(count: number): { readonly hints: number[]; readonly synced: number[] } {
  const memory = memoryFileSystem();
  const hints: number[] = [];
  const synced: number[] = [];
  let written = 0;
  const fs: FileSystem = {
    ...memory,
    write: (_file, bytes) => {
      written += bytes.length;
      return bytes.length;
    },
    startWriteOut: (path) => {
      assert.is(path, '/a');
      hints.push(written / MIB);
    },
    sync: () => void synced.push(written / MIB),
  };
  const chunk = new Uint8Array(MIB);
  writeNewFile(fs, '/a', Array<Uint8Array>(count).fill(chunk));
  return { hints, synced };
}

test('small files are synced at the end and nothing else', () => {
  assert.equal(write(15), { hints: [], synced: [15] });
});

test('the write-out of large files begins early, ever more rarely, and the sync at the end stays', () => {
  assert.equal(write(1000), { hints: [16, 32, 64, 128, 256, 512], synced: [1000] });
});

test('a file system without the hint is not asked for it', () => {
  const memory = memoryFileSystem();
  assert.is('startWriteOut' in memory, false);
  assert.is(writeNewFile(memory, '/a', [new Uint8Array(20 * MIB)]), 20 * MIB);
});

test.run();
