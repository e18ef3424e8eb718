import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crashStates } from '../../../lib/testing/crash/crash-states.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { imageKey } from '../../../lib/testing/crash/memory-image.js';

const test = suite('crashStates');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the disk may hold after `act`, each once, in alphabetical order. */
function left(act: (fs: ReturnType<typeof memoryFileSystem>) => void, model: 'ordered' | 'posix' = 'posix'): string[] {
  const fs = memoryFileSystem();
  act(fs);
  return [...new Set([...crashStates(fs.base, fs.log, { model })].map((image) => imageKey(image)))].sort();
}

test('of a written file: nothing, its name, its bytes, half of them', () => {
  const write = (fs: ReturnType<typeof memoryFileSystem>): void => {
    fs.write(fs.openNew('/a'), bytes('1234'));
  };
  assert.equal(left(write), ['{"a":""}', '{"a":"12"}', '{"a":"1234"}', '{}']);
  assert.equal(left(write, 'ordered'), ['{"a":""}', '{"a":"1234"}', '{}']);
});

test('a synced file may lose its name, and a synced folder the bytes', () => {
  const create = (fs: ReturnType<typeof memoryFileSystem>): number => {
    const file = fs.openNew('/a');
    fs.write(file, bytes('12'));
    return file;
  };
  assert.equal(
    left((fs) => fs.sync(create(fs))),
    ['{"a":"12"}', '{}'],
  );
  assert.equal(
    left((fs) => {
      create(fs);
      fs.syncDir('/');
    }),
    ['{"a":""}', '{"a":"1"}', '{"a":"12"}'],
  );
  assert.equal(
    left((fs) => {
      fs.sync(create(fs));
      fs.syncDir('/');
    }),
    ['{"a":"12"}'],
  );
});

test('a rename happens whole or not at all, and may overtake another', () => {
  const renames = (fs: ReturnType<typeof memoryFileSystem>): void => {
    for (const name of ['a', 'b']) fs.sync(fs.openNew(`/${name}`));
    fs.syncDir('/');
    fs.rename('/a', '/x');
    fs.rename('/b', '/y');
  };
  const posix = ['{"a":"","b":""}', '{"a":"","y":""}', '{"b":"","x":""}', '{"x":"","y":""}'];
  assert.equal(left(renames), posix);
  assert.equal(
    left(renames, 'ordered'),
    posix.filter((state) => state !== '{"a":"","y":""}'),
  );
});

test('a later write may survive an earlier one, with a hole before it', () => {
  const states = left((fs) => {
    const file = fs.openNew('/a');
    fs.syncDir('/');
    for (const text of ['1', '2']) fs.write(file, bytes(text));
  });
  assert.equal(states, ['{"a":""}', '{"a":"1"}', '{"a":"12"}', '{"a":"\\u00002"}']);
});

test('takes a choice of bounded size where there are too many, with the extremes in it', () => {
  const fs = memoryFileSystem();
  for (let at = 0; at < 12; at++) fs.openNew(`/f${at}`);
  const keys = [...crashStates(fs.base, fs.log, { maxStates: 200 })].map((image) => imageKey(image));
  assert.is(new Set(keys).size, 200);
  assert.ok(keys.includes('{}'));
  assert.ok(keys.some((key) => key.split(',').length === 12));
});

test.run();
