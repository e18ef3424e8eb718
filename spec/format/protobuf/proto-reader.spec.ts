import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../../lib/error/truncated-data-error.js';
import { ProtoReader } from '../../../lib/format/protobuf/proto-reader.js';
import { ProtoWriter } from '../../../lib/format/protobuf/proto-writer.js';

const test = suite('ProtoReader');

/** A reader at the first field of the message with these bytes. */
function at(hex: string): ProtoReader {
  const reader = new ProtoReader(Uint8Array.from(Buffer.from(hex, 'hex')), 'thing', 'byte 3');
  assert.ok(reader.next());
  return reader;
}

function refuses(read: () => unknown, fault: RegExp): void {
  assert.throws(read, (error: unknown) => {
    if (!(error instanceof CorruptDataError) || error instanceof TruncatedDataError) return false;
    assert.match(error.message, fault);
    assert.is(error.where, 'byte 3');
    return true;
  });
}

test('reads what the writer wrote', () => {
  const writer = new ProtoWriter();
  writer.int64(1, -5);
  writer.int64(2, 2n ** 63n - 1n);
  writer.bool(3, true);
  writer.fixed32(4, 0xdeadbeef);
  writer.fixed64(5, 2n ** 63n);
  writer.float(6, 0.5);
  writer.double(7, 0.1);
  writer.string(8, 'grün 🙂');
  writer.byteString(9, Uint8Array.of(0, 255));
  const message = writer.begin(10);
  writer.int64(1, 7);
  writer.end(message);
  writer.packedFloats(11, [1, 2]);
  writer.packedDoubles(12, [0.1, 0.2]);
  writer.packedInt64s(13, [1n, -1n]);

  const reader = new ProtoReader(writer.copy(), 'thing', 'here');
  const read = (take: () => unknown) => {
    assert.ok(reader.next());
    return take();
  };
  assert.is(
    read(() => reader.int32()),
    -5,
  );
  assert.is(
    read(() => reader.int64()),
    2n ** 63n - 1n,
  );
  assert.is(
    read(() => reader.bool()),
    true,
  );
  assert.is(
    read(() => reader.fixed32()),
    0xdeadbeef,
  );
  assert.is(
    read(() => reader.fixed64()),
    2n ** 63n,
  );
  assert.is(
    read(() => reader.float()),
    0.5,
  );
  assert.is(
    read(() => reader.double()),
    0.1,
  );
  assert.is(
    read(() => reader.string()),
    'grün 🙂',
  );
  assert.equal(
    read(() => [...reader.byteString()]),
    [0, 255],
  );
  read(() => {
    const inner = reader.message('inner');
    assert.ok(inner.next());
    assert.is(inner.int64Number(), 7);
    assert.not(inner.next());
  });
  const numbers: number[] = [];
  read(() => reader.floats(numbers));
  read(() => reader.doubles(numbers));
  const bigs: bigint[] = [];
  read(() => reader.int64s(bigs));
  assert.equal(numbers, [1, 2, 0.1, 0.2]);
  assert.equal(bigs, [1n, -1n]);
  assert.not(reader.next());
});

test('reads repeated numbers that are not packed', () => {
  const floats: number[] = [];
  at('0d0000c03f').floats(floats);
  const doubles: number[] = [];
  at('09000000000000f83f').doubles(doubles);
  const bigs: bigint[] = [];
  at('08ffffffffffffffffff01').int64s(bigs);
  const safe: number[] = [];
  at('0807').int64Numbers(safe);
  at('0a020103').int64Numbers(safe);
  assert.equal([floats, doubles, bigs, safe], [[1.5], [1.5], [-1n], [7, 1, 3]]);
});

test('passes over unknown fields of every wire type', () => {
  const reader = at('a006ffffffffffffffffff01' + 'a1060102030405060708' + 'a20603616263' + 'a50601020304' + '0807');
  for (let i = 0; i < 4; i++) {
    assert.is(reader.field, 100);
    reader.skip();
    assert.ok(reader.next());
  }
  assert.is(reader.field, 1);
  assert.is(reader.int32(), 7);
});

test('refuses tags that no message has', () => {
  refuses(() => at('0000'), /field number/);
  refuses(() => at('0500'), /field number/);
  refuses(() => at('0b0c'), /field 1 is a group/);
  refuses(() => at('0c'), /field 1 is a group/);
  refuses(() => at('0e'), /wire type 6/);
  refuses(() => at('0f'), /wire type 7/);
  refuses(() => at('8080808010'), /field number/);
  refuses(() => at('80'), /varint runs past the end/);
  refuses(() => at('ffffffffffffffffffffff01'), /varint too long/);
});

test('refuses values that end too early', () => {
  refuses(() => at('09000000').skip(), /runs past the end/);
  refuses(() => at('0d0000').skip(), /runs past the end/);
  refuses(() => at('0a05616263').skip(), /runs past the end/);
  refuses(() => at('0affffffffffffff0f').byteString(), /runs past the end/);
  refuses(() => at('0affffffffffffffffff01').byteString(), /over 2\^53/);
  refuses(() => at('0880').skip(), /varint runs past the end/);
  refuses(() => at('0a05616263').message(), /runs past the end/);
  refuses(() => at('09000000').double(), /runs past the end/);
  refuses(() => at('0d0000').fixed32(), /runs past the end/);
  refuses(() => at('0a0300000000').floats([]), /no multiple of 4/);
  refuses(() => at('0a0200000000').doubles([]), /no multiple of 8/);
  refuses(() => at('0a0180').int64s([]), /varint runs past the end/);
});

test('keeps a message within its bounds', () => {
  // The inner message says it has 2 bytes; its field says that it has 3.
  const inner = at('0a02' + '0a03' + '616263').message();
  assert.ok(inner.next());
  refuses(() => inner.byteString(), /runs past the end/);
});

test('refuses values of another type', () => {
  refuses(() => at('0807').string(), /field 1 is varint, expected length-delimited/);
  refuses(() => at('0a00').int64(), /field 1 is length-delimited, expected varint/);
  refuses(() => at('0d00000000').double(), /is 32 bits, expected 64 bits/);
  refuses(() => at('0a03ff6162').string(), /not UTF-8/);
  refuses(() => at('0a03eda080').string(), /not UTF-8/);
  refuses(() => at('088080808010').int32(), /no int32/);
});

test('keeps a byte order mark', () => {
  assert.is(at('0a04efbbbf61').string(), '\ufeffa');
});

test('reads numbers up to 2^53 as numbers and refuses others', () => {
  assert.is(at('08ffffffffffffff0f').int64Number(), Number.MAX_SAFE_INTEGER);
  assert.is(at('0881808080808080f0ff01').int64Number(), Number.MIN_SAFE_INTEGER);
  refuses(() => at('088080808080808010').int64Number(), /2\^53/);
  refuses(() => at('0880808080808080808001').int64Number(), /2\^53/);
  refuses(() => at('08ffffffffffffffff7f').int64Number(), /2\^53/);
});

test('takes any bytes for a message or refuses them, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        for (const reader = new ProtoReader(bytes, 'thing', 'byte 3'); reader.next(); ) reader.skip();
      } catch (error) {
        assert.instance(error, CorruptDataError);
      }
    }),
    { numRuns: 2000 },
  );
});

test.run();
