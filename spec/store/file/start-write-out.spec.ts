import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startWriteOut } from '../../../lib/store/file/start-write-out.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const test = suite('startWriteOut');

test.after(() => folder.dispose());

test('a missing file is no error', () => {
  startWriteOut(`${folder.path}/none`);
});

if (process.platform === 'linux') {
  test('takes one descriptor for all hints of a file and gives it back, even if the file is removed meanwhile', async () => {
    const path = `${folder.path}/a`;
    const descriptors = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
        } catch {
          return false;
        }
      }).length;
    const file = openSync(path, 'wx');
    const chunk = new Uint8Array(1 << 20).fill(7);
    for (let i = 0; i < 8; i++) {
      writeSync(file, chunk);
      startWriteOut(path);
    }
    assert.is(descriptors(), 2);
    fsyncSync(file);
    closeSync(file);
    assert.is(Buffer.compare(readFileSync(path), Buffer.alloc(8 << 20, 7)), 0);
    rmSync(path);
    for (let wait = 0; descriptors() > 0 && wait < 500; wait++) await setTimeout(10);
    assert.is(descriptors(), 0);
    // And from the beginning, for another file of that name.
    closeSync(openSync(path, 'wx'));
    startWriteOut(path);
    assert.is(descriptors(), 1);
    for (let wait = 0; descriptors() > 0 && wait < 500; wait++) await setTimeout(10);
    assert.is(descriptors(), 0);
  });
}

test.run();
