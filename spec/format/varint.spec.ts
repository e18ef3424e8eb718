import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { MAX_VARINT_BYTES, putVarint, VarintCursor, varintBytes } from '../../lib/format/varint.js';

const test = suite('varint');

function cursor(hex: string): VarintCursor {
  return new VarintCursor(Uint8Array.from(Buffer.from(hex, 'hex')), 'thing', 'here');
}

test('writes the examples of the encoding page', () => {
  // protobuf, "Encoding": 1 is 01, 150 is 96 01.
  const target = new Uint8Array(4);
  assert.is(putVarint(target, 0, 1), 1);
  assert.is(putVarint(target, 1, 150), 3);
  assert.equal([...target], [1, 0x96, 1, 0]);
});

test('writes and reads powers of two and their neighbours', () => {
  for (let bits = 0; bits <= 53; bits++) {
    for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
      if (!Number.isSafeInteger(value)) continue;
      const target = new Uint8Array(MAX_VARINT_BYTES);
      const end = putVarint(target, 0, value);
      assert.is(end, varintBytes(value), `${value}`);
      assert.is(end, Math.max(1, Math.ceil(value.toString(2).length / 7)));
      const number = new VarintCursor(target, 'thing', 'here');
      assert.is(number.number(), value);
      assert.is(number.offset, end);
      assert.is(new VarintCursor(target, 'thing', 'here').big(), BigInt(value));
    }
  }
});

test('reads 64 bits', () => {
  assert.is(cursor('ffffffffffffffffff01').big(), 2n ** 64n - 1n);
  assert.is(cursor('80808080808080808001').big(), 2n ** 63n);
});

test('reads numbers in more bytes than they need', () => {
  assert.is(cursor('8100').number(), 1);
  assert.is(cursor('80808080808080808000').number(), 0);
});

test('refuses what is cut, at every length', () => {
  const bytes = Buffer.from('ffffffffffffffffff01', 'hex');
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length).toString('hex');
    assert.throws(() => cursor(cut).big(), /varint runs past the end/);
    assert.throws(() => cursor(cut).number(), /varint runs past the end/);
  }
});

test('refuses what is too long or too large', () => {
  assert.throws(() => cursor('8080808080808080808001').big(), /varint too long/);
  assert.throws(() => cursor('ffffffffffffffffff02').big(), /varint too long/);
  assert.throws(
    () => cursor('ffffffffffffffffff02').number(),
    (error: unknown) => error instanceof CorruptDataError,
  );
  assert.throws(() => cursor('8080808080808010').number(), /over 2\^53/);
  assert.is(cursor('ffffffffffffff0f').number(), Number.MAX_SAFE_INTEGER);
});

test('stays within its bounds', () => {
  const inner = new VarintCursor(Uint8Array.of(0x80, 0x80, 0x01), 'thing', 'here', 0, 2);
  assert.throws(() => inner.number(), /varint runs past the end/);
});

test('reads what it wrote', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (values) => {
      const target = new Uint8Array(values.length * 8);
      let end = 0;
      for (const value of values) end = putVarint(target, end, value);
      const reader = new VarintCursor(target, 'thing', 'here', 0, end);
      assert.equal(
        values.map(() => reader.number()),
        values,
      );
      assert.is(reader.offset, end);
    }),
  );
});

test.run();
