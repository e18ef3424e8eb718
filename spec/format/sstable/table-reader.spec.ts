import snappy from 'snappyjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { TableReader } from '../../../lib/format/sstable/table-reader.js';
import {
  type Bytes,
  block,
  guardedSource,
  type Row,
  type TableOptions,
  table,
} from '../../hostile/tensor-bundle/raw-bundle.js';

const test = suite('TableReader');

const NOTHING = new Uint8Array(0);
const row = (key: string): Row => [key, Buffer.from(`<${key}>`)];

function read(blocks: readonly (readonly [Bytes, string])[], options?: TableOptions): string[] {
  const reader = new TableReader(guardedSource('t', table(blocks, options)));
  return Array.from(reader.entries(), ({ key, value }) => `${Buffer.from(key)}=${Buffer.from(value)}`);
}

function refuses(blocks: readonly (readonly [Bytes, string])[], fault: RegExp): void {
  assert.throws(
    () => read(blocks),
    (error: unknown) => error instanceof CorruptDataError && fault.test(error.message),
  );
}

test('reads blocks in order, with index keys that are none of the table', () => {
  assert.equal(
    read([
      [block([row('apple'), row('apricot')]), 'b'],
      [block([row('banana')]), 'banana'],
      [block([row('cherry')]), 'zzz'],
    ]),
    ['apple=<apple>', 'apricot=<apricot>', 'banana=<banana>', 'cherry=<cherry>'],
  );
});

test('reads compressed blocks', () => {
  const rows = Array.from({ length: 200 }, (_, i) => row(`name/of/a/tensor/${1000 + i}`));
  const contents = new Uint8Array(block(rows));
  const compressed = snappy.compress(contents);
  assert.ok(compressed.length < contents.length / 2);
  assert.is(read([[compressed, 'z']], { type: 1 }).length, 200);
});

test('refuses blocks that are out of order with their neighbours', () => {
  refuses(
    [
      [block([row('b')]), 'c'],
      [block([row('a')]), 'd'],
    ],
    /out of order/,
  );
  refuses(
    [
      [block([row('b')]), 'c'],
      [block([row('c')]), 'd'],
    ],
    /out of order/,
  );
  refuses([[block([row('b')]), 'a']], /behind the index key/);
  refuses(
    [
      [block([row('b')]), 'c'],
      [block([row('d')]), 'c'],
    ],
    /out of order/,
  );
});

test('refuses restart points that are none', () => {
  const rows = [row('aa'), row('ab'), row('ac')];
  refuses([[block(rows, { restarts: [4] }), 'b']], /first restart point/);
  refuses([[block(rows, { restarts: [0, 5] }), 'b']], /restart point at 5 is at no entry/);
  refuses([[block(rows, { restarts: [0, 0] }), 'b']], /restart point at 0 is at no entry/);
  // The second entry, at 9, shares a byte.
  refuses([[block(rows, { restarts: [0, 9] }), 'b']], /without a whole key/);
  refuses([[NOTHING, 'b']], /0 restart points/);
  refuses([[Uint8Array.of(0, 0, 0), 'b']], /0 restart points/);
  refuses([[Uint8Array.of(1, 0, 0, 0), 'b']], /1 restart points/);
});

test('takes a block without entries, which has one restart point', () => {
  assert.equal(read([[block([]), 'a']]), []);
  refuses([[block([], { restarts: [0, 0] }), 'a']], /restart point/);
});

test('refuses bytes behind a block handle', () => {
  assert.throws(
    () => read([[block([row('a')]), 'b']], { handle: (offset, size) => Uint8Array.of(offset, size, 0) }),
    /bytes behind a block handle/,
  );
});

test('refuses a metaindex block that is damaged', () => {
  const file = table([[block([row('a')]), 'b']]);
  const at = file.indexOf(Buffer.from('c0f2a1b0', 'hex'));
  file[at] = 0;
  assert.throws(() => new TableReader(guardedSource('t', file)), /block checksum mismatch/);
});

test.run();
