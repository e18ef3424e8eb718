import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { recordingFileSystem } from '../../../lib/testing/crash/recording-file-system.js';

const test = suite('recordingFileSystem');

test('keeps calls in order, also those that fail, open files by their path', () => {
  const fs = recordingFileSystem(memoryFileSystem());
  const file = fs.openNew('/a');
  fs.write(file, new Uint8Array(2));
  fs.sync(file);
  fs.close(file);
  assert.throws(() => fs.unlink('/b'), /ENOENT/);
  fs.rename('/a', '/b');
  fs.syncDir('/');

  assert.equal(fs.calls, [
    ['openNew', '/a'],
    ['write', '/a'],
    ['sync', '/a'],
    ['close', '/a'],
    ['unlink', '/b'],
    ['rename', '/a', '/b'],
    ['syncDir', '/'],
  ]);
});

test.run();
