import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shortestSeparator, shortSuccessor } from '../../../lib/format/sstable/separator.js';

const test = suite('separator');

function between(last: string, next: string): string {
  return Buffer.from(shortestSeparator(Buffer.from(last, 'latin1'), Buffer.from(next, 'latin1'))).toString('latin1');
}

function after(last: string): string {
  return Buffer.from(shortSuccessor(Buffer.from(last, 'latin1'))).toString('latin1');
}

test('cuts behind the first byte that differs', () => {
  // LevelDB, table/table_builder.cc, gives the first pair as its example; db/dbformat_test.cc has the others.
  assert.is(between('the quick brown fox', 'the who'), 'the r');
  assert.is(between('foo', 'hello'), 'g');
  assert.is(between('foo', 'foobar'), 'foo');
  assert.is(between('abc1', 'abc2'), 'abc1');
  assert.is(between('', 'a'), '');
  assert.is(between('a\xffz', 'b'), 'a\xffz');
  assert.is(between('\xfe1', '\xff'), '\xfe1');
});

test('increments the first byte that can be', () => {
  assert.is(after('only_empty'), 'p');
  assert.is(after('foo'), 'g');
  assert.is(after('\xff\xffa'), '\xff\xffb');
  assert.is(after('\xff\xff'), '\xff\xff');
  assert.is(after(''), '');
});

test('leaves its arguments as they are', () => {
  const last = Buffer.from('foo');
  shortestSeparator(last, Buffer.from('hello'));
  shortSuccessor(last);
  assert.is(last.toString(), 'foo');
});

test('lies between, whatever the keys are', () => {
  const key = fc
    .uint8Array({ maxLength: 6 })
    .map((bytes) => bytes.map((byte) => (byte < 100 ? 255 - (byte & 3) : byte)));
  fc.assert(
    fc.property(key, key, (a, b) => {
      const [last, next] = Buffer.compare(a, b) < 0 ? [a, b] : [b, a];
      assert.ok(Buffer.compare(last, shortSuccessor(last)) <= 0);
      if (Buffer.compare(last, next) === 0) return;
      const separator = shortestSeparator(last, next);
      assert.ok(Buffer.compare(last, separator) <= 0 && Buffer.compare(separator, next) < 0);
      assert.ok(separator.length <= last.length);
    }),
  );
});

test.run();
