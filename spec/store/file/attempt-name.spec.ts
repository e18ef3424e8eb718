import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attemptName, writerOfAttempt } from '../../../lib/store/file/attempt-name.js';
import { nodeProcessTable } from '../../../lib/store/lock/node-process-table.js';
import { markOf } from '../../../lib/store/lock/writer-mark.js';

const test = suite('attemptName');
const writer = nodeProcessTable.self();

test('gives a new name each time, which tells who wrote', () => {
  const names = Array.from({ length: 100 }, () => attemptName(writer));
  assert.is(new Set(names).size, 100);
  for (const name of names) assert.equal(writerOfAttempt(name), markOf(writer));
});

test('is short enough for any folder, hidden, and ends in no marker', () => {
  const name = attemptName({ ...writer, pid: 4_194_304, start: '9'.repeat(20), host: 'x'.repeat(255) });
  assert.ok(name.length < 144, String(name.length));
  assert.match(name, /^\.tidemark-.*\.tmp$/);
  assert.is.not(writerOfAttempt(name), undefined);
});

test('knows no other name', () => {
  const name = attemptName(writer);
  for (const other of ['', '.tmp', name.slice(1), `${name}~`, `x${name}`, name.replace('-', '_'), name.toUpperCase()]) {
    assert.is(writerOfAttempt(other), undefined, other);
  }
});

test.run();
