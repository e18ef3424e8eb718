import protobuf from 'protobufjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ProtoWriter } from '../../../lib/format/protobuf/proto-writer.js';

const test = suite('ProtoWriter');

/** What protobufjs writes for the same calls. */
function reference(write: (writer: protobuf.Writer) => void): string {
  const writer = protobuf.Writer.create();
  write(writer);
  return hex(writer.finish());
}

function ours(write: (writer: ProtoWriter) => void): string {
  const writer = new ProtoWriter(1);
  write(writer);
  assert.equal(hex(writer.copy()), hex(writer.written()));
  return hex(writer.copy());
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

test('writes the examples of the encoding page', () => {
  // protobuf, "Encoding": message Test1 { int32 a = 1; } with 150; Test2 { string b = 2; } with "testing".
  assert.is(
    ours((w) => w.int64(1, 150)),
    '089601',
  );
  assert.is(
    ours((w) => w.string(2, 'testing')),
    '120774657374696e67',
  );
});

test('writes integers around each length of varint', () => {
  for (let bits = 0; bits <= 52; bits++) {
    for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
      for (const signed of [value, -value]) {
        const expected = reference((w) => w.uint32(8).int64(signed));
        assert.is(
          ours((w) => w.int64(1, signed)),
          expected,
          `${signed}`,
        );
        assert.is(
          ours((w) => w.int64(1, BigInt(signed))),
          expected,
          `${signed}n`,
        );
      }
    }
  }
  assert.is(
    ours((w) => w.int64(1, Number.MAX_SAFE_INTEGER)),
    '08ffffffffffffff0f',
  );
  assert.is(
    ours((w) => w.int64(1, -1)),
    '08ffffffffffffffffff01',
  );
  assert.is(
    ours((w) => w.int64(1, 2n ** 64n - 1n)),
    '08ffffffffffffffffff01',
  );
});

test('writes fixed numbers of both signs', () => {
  const expected = '0dfeffffff0900000000ffffffff090700000001000000110000c0ffffffffff';
  const written = ours((w) => {
    w.fixed32(1, 0xfffffffe);
    w.fixed64(1, -(2 ** 32));
    w.fixed64(1, 2 ** 32 + 7);
    w.fixed64(2, -(2n ** 22n) << 0n);
  });
  assert.is(written, expected);
  assert.is(
    ours((w) => {
      w.float(3, 1.5);
      w.double(16, -0);
      w.bool(17, true);
      w.bool(536870911, false);
    }),
    reference((w) =>
      w.uint32(29).float(1.5).uint32(129).double(-0).uint32(136).bool(true).uint32(0xfffffff8).bool(false),
    ),
  );
});

test('writes text as UTF-8', () => {
  for (const text of ['', 'loss', 'grün', '日本語', 'a🙂b', 'x'.repeat(127), 'x'.repeat(128), `${'y'.repeat(300)}ü`]) {
    assert.is(
      ours((w) => w.string(1, text)),
      reference((w) => w.uint32(10).string(text)),
    );
  }
  assert.is(
    ours((w) => w.string(1, 'a\ud800')),
    '0a0461efbfbd',
  );
});

test('writes messages whose length takes more than one byte, nested', () => {
  for (const size of [0, 1, 126, 127, 128, 129, 16383, 16384, 2 ** 21]) {
    const content = new Uint8Array(size).fill(7);
    assert.is(
      ours((w) => {
        w.int64(1, 1);
        const outer = w.begin(2);
        const inner = w.begin(3);
        w.byteString(4, content);
        w.end(inner);
        w.int64(5, 2);
        w.end(outer);
        w.int64(6, 3);
      }),
      reference((w) => {
        w.uint32(8).int32(1).uint32(18).fork().uint32(26).fork().uint32(34).bytes(content).ldelim();
        w.uint32(40).int32(2).ldelim().uint32(48).int32(3);
      }),
    );
  }
});

test('writes packed numbers', () => {
  const numbers = [0, 1.5, -2, 1e300];
  assert.is(
    ours((w) => {
      w.packedFloats(1, [0, 1.5, -2]);
      w.packedDoubles(2, Float64Array.from(numbers));
      w.packedInt64s(3, [0, 300, -1n]);
      w.packedFloats(4, []);
    }),
    reference((w) => {
      w.uint32(10).fork().float(0).float(1.5).float(-2).ldelim();
      w.uint32(18).fork();
      for (const number of numbers) w.double(number);
      w.ldelim().uint32(26).fork().int64(0).int64(300).int64(-1).ldelim().uint32(34).fork().ldelim();
    }),
  );
});

test('is used again after a reset, in the same memory', () => {
  const writer = new ProtoWriter();
  writer.string(1, 'first');
  const kept = writer.copy();
  const { buffer } = writer.written();
  writer.reset();
  writer.string(1, 'other');
  assert.is(writer.written().buffer, buffer);
  assert.is(hex(kept), '0a056669727374');
  assert.is(hex(writer.written()), '0a056f74686572');
});

test.run();
