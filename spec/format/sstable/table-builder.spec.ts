import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { TableBuilder, type TableBuilderOptions } from '../../../lib/format/sstable/table-builder.js';
import { TableReader } from '../../../lib/format/sstable/table-reader.js';

const test = suite('TableBuilder');

type Row = readonly [key: string, value: Uint8Array];

function build(rows: readonly Row[], options?: TableBuilderOptions): Uint8Array {
  const builder = new TableBuilder(options);
  for (const [key, value] of rows) builder.add(Buffer.from(key, 'latin1'), value);
  return builder.finish();
}

function rowsOf(table: Uint8Array): Row[] {
  return Array.from(new TableReader(bytesSource('t', table)).entries(), ({ key, value }) => [
    Buffer.from(key).toString('latin1'),
    value,
  ]);
}

/** Where the data blocks end, by the handles in the index block. */
function blockSizes(table: Uint8Array): number[] {
  const sizes: number[] = [];
  let at = 0;
  const view = Buffer.from(table.buffer, table.byteOffset, table.length);
  // The metaindex block has a content that nothing else has.
  const end = view.indexOf(Buffer.from('00000000010000000' + '0c0f2a1b0', 'hex'));
  const builder = new TableReader(bytesSource('t', table)) as unknown as {
    blocks: readonly { handle: { offset: number; sizeBytes: number } }[];
  };
  for (const { handle } of builder.blocks) {
    assert.is(handle.offset, at);
    sizes.push(handle.sizeBytes);
    at += handle.sizeBytes + 5;
  }
  assert.is(at, end);
  return sizes;
}

test('writes the example of the page', () => {
  const header = Uint8Array.of(8, 1, 0x1a, 2, 8, 1);
  const entry = Buffer.from('0801120612001202080235d8ea82a2', 'hex');
  const expected =
    '00000608011a020801' +
    '000a0f6f6e6c795f656d707479' +
    '0801120612001202080235d8ea82a2' +
    '0000000001000000' +
    '00eb3555f0' +
    '0000000001000000' +
    '00c0f2a1b0' +
    '00010270002d' +
    '0000000001000000' +
    '00e72cdcf5' +
    `32083f0e${'00'.repeat(36)}57fb808b247547db`;
  assert.is(
    Buffer.from(
      build([
        ['', header],
        ['only_empty', entry],
      ]),
    ).toString('hex'),
    expected,
  );
});

test('writes a table of nothing', () => {
  const table = build([]);
  assert.equal(rowsOf(table), []);
  assert.is(table.length, 13 + 13 + 48);
});

test('stores every sixteenth key whole', () => {
  const rows = Array.from({ length: 33 }, (_, i): Row => [`key${String(i).padStart(3, '0')}`, new Uint8Array(0)]);
  const [size] = blockSizes(build(rows));
  // 3 whole keys of 6 bytes; of the others, 27 differ in the last byte and 3 in the last two. 3 restarts and their number.
  assert.is(size, 33 * 3 + 3 * 6 + 27 * 1 + 3 * 2 + 3 * 4 + 4);
});

test('closes a block when it reaches the size', () => {
  // An entry takes 3 bytes, 1 of key and the value; the block 8 more.
  const rows = ['a', 'b', 'c', 'd'].map((key): Row => [key, new Uint8Array(42)]);
  assert.equal(blockSizes(build(rows, { blockSizeBytes: 100 })), [100, 100]);
  assert.equal(blockSizes(build(rows, { blockSizeBytes: 101 })), [146, 54]);
});

test('closes the block before an entry of two blocks', () => {
  const size = 262_144;
  const small: Row = ['a', new Uint8Array(10)];
  // The value's length takes 3 bytes.
  const alone = (bytes: number) => 1 + 1 + 3 + 1 + bytes + 8;
  assert.equal(blockSizes(build([small, ['b', new Uint8Array(2 * size - 1)], ['c', new Uint8Array(1)]])), [
    3 + 1 + 10 + 8,
    alone(2 * size - 1),
    3 + 1 + 1 + 8,
  ]);
  assert.equal(blockSizes(build([small, ['b', new Uint8Array(2 * size - 2)], ['c', new Uint8Array(1)]])), [
    3 + 1 + 10 + alone(2 * size - 2),
    3 + 1 + 1 + 8,
  ]);
});

test('refuses keys out of order', () => {
  for (const [first, second] of [
    ['b', 'a'],
    ['a', 'a'],
    ['ab', 'a'],
    ['', ''],
  ] as const) {
    assert.throws(
      () =>
        build([
          [first, new Uint8Array(0)],
          [second, new Uint8Array(0)],
        ]),
      (error: unknown) => error instanceof RangeError,
    );
  }
});

test('is read back as it was, in blocks of any size', () => {
  const row = fc.tuple(fc.string({ unit: 'binary-ascii', maxLength: 20 }), fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: ([key]) => key }), fc.integer({ min: 1, max: 300 }), (rows, size) => {
      const sorted = rows.sort(([a], [b]) => (a < b ? -1 : 1));
      assert.equal(rowsOf(build(sorted, { blockSizeBytes: size })), sorted);
    }),
    { numRuns: 300 },
  );
});

test.run();
