import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crashStates } from '../../../lib/testing/crash/crash-states.js';
import { faultyFileSystem } from '../../../lib/testing/crash/faulty-file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';

const test = suite('faultyFileSystem');

test('fails the k-th operation once, or all from there on', () => {
  for (const [isLasting, expected] of [
    [false, ['folder', 'EIO', 'folder', 'folder']],
    [true, ['folder', 'EIO', 'EIO', 'EIO']],
  ] as const) {
    const fs = faultyFileSystem(memoryFileSystem(), { at: 2, fault: 'EIO', isLasting });
    assert.equal(
      [1, 2, 3, 4].map(() => outcome(() => fs.stat('/'))),
      expected,
    );
    assert.is(fs.count(), 4);
  }
});

test('takes half of a write without an error', () => {
  const memory = memoryFileSystem();
  const fs = faultyFileSystem(memory, { at: 2, fault: 'SHORT' });
  const file = fs.openNew('/a');
  assert.equal(
    [1, 2].map(() => fs.write(file, new Uint8Array(10))),
    [5, 10],
  );
});

test('closes a file also when it says that it could not', () => {
  const memory = memoryFileSystem();
  const fs = faultyFileSystem(memory, { at: 2, fault: 'EIO' });
  const file = fs.openNew('/a');
  assert.throws(() => fs.close(file));
  assert.is(memory.openCount(), 0);
});

test('loses for good what a failed sync did not bring to the disk', () => {
  const memory = memoryFileSystem();
  const fs = faultyFileSystem(memory, { at: 3, fault: 'EIO' });
  const file = fs.openNew('/a');
  fs.write(file, new Uint8Array(10));
  assert.throws(() => fs.sync(file));
  fs.sync(file);
  fs.syncDir('/');
  const sizes = [...crashStates(memory.base, memory.log)].map(({ files }) => [...files.values()][0]?.length);
  assert.equal(sizes, [0, 10, 5]);
});

test('does, if it is to, what it says has failed', () => {
  const fs = faultyFileSystem(memoryFileSystem(), { at: 1, fault: 'EIO', isDone: true });
  assert.throws(() => fs.mkdir('/a'));
  assert.is(fs.stat('/a'), 'folder');
});

function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

test.run();
