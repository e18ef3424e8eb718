import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../lib/error/truncated-data-error.js';
import { type ByteSource, bytesSource } from '../../lib/format/byte-source.js';
import { encodeRecord, RecordWriter, readRecords } from '../../lib/format/tfrecord.js';
import { isError } from './event/is-error.js';

const test = suite('tfrecord');
// The first record of an event file of TensorFlow 2.21 with wall_time 1700000000.
const GOLDEN = hex('1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32eced8f9d');

test('frames data as TensorFlow does', () => {
  assert.equal(Buffer.from(encodeRecord(GOLDEN.subarray(12, 36))), Buffer.from(GOLDEN));
});

test('reads what it wrote, in place or from data', () => {
  const writer = new RecordWriter(16);
  const blocks = [0, 1, 7, 8, 9, 255, 256, 70_000, 300_000].map((length) => pattern(length));
  for (const block of blocks) writer.record(block);
  const start = writer.beginRecord();
  writer.string(1, 'in place');
  writer.endRecord(start);
  const records = [...readRecords(bytesSource('r', writer.copy()))];
  assert.equal(
    records.map(({ data }) => Buffer.from(data)),
    [...blocks, hex(`0a08${Buffer.from('in place').toString('hex')}`)].map((block) => Buffer.from(block)),
  );
  assert.is(records[0]?.offset, 0);
  assert.is(records[1]?.offset, 16);
  assert.is(records.at(-1)?.end, writer.length);
});

test('leaves nothing of a record that was dropped', () => {
  const writer = new RecordWriter();
  writer.record(pattern(3));
  const start = writer.beginRecord();
  writer.string(1, 'gone');
  writer.dropRecord(start);
  assert.is(writer.length, 19);
});

test('tells a cut record from a broken one at every length', () => {
  const bytes = concat(encodeRecord(pattern(40)), encodeRecord(pattern(5)));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const source = bytesSource('live', bytes.slice(0, cut));
    const whole = cut < 56 ? 0 : cut < bytes.length ? 56 : bytes.length;
    const reading = readRecords(source, { tail: 'await' });
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    assert.is(step.value, whole, `cut at ${cut}`);
    if (cut === whole) assert.not.throws(() => [...readRecords(source)]);
    else
      assert.throws(
        () => [...readRecords(source)],
        (error: unknown) => error instanceof TruncatedDataError && error.where === `live, byte ${whole}`,
      );
  }
});

test('goes on from the end of the last record', () => {
  const bytes = concat(encodeRecord(pattern(40)), encodeRecord(pattern(5)));
  const first = [...readRecords(bytesSource('live', bytes.slice(0, 60)), { tail: 'await' })];
  assert.is(first.length, 1);
  const rest = [...readRecords(bytesSource('live', bytes), { fromOffset: first[0]?.end, tail: 'await' })];
  assert.equal(
    rest.map(({ offset, end }) => [offset, end]),
    [[56, 77]],
  );
  assert.throws(() => [...readRecords(bytesSource('live', bytes), { fromOffset: 78 })], isError(RangeError));
});

test('finds every flipped bit', () => {
  const bytes = concat(encodeRecord(pattern(3)), encodeRecord(pattern(9)));
  for (let bit = 19 * 8; bit < bytes.length * 8; bit++) {
    const broken = bytes.slice();
    broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
    const seen: number[] = [];
    assert.throws(
      () => {
        for (const { offset } of readRecords(bytesSource('f', broken), { tail: 'await' })) seen.push(offset);
      },
      (error: unknown) =>
        error instanceof CorruptDataError && error.code === 'CORRUPT_DATA' && /byte 19\b/.test(error.message),
      `bit ${bit}`,
    );
    assert.equal(seen, [0]);
  }
});

test('asks its source for nothing outside the file', () => {
  const bytes = encodeRecord(pattern(600_000));
  const source: ByteSource = {
    name: 'f',
    sizeBytes: bytes.length,
    read(offset, length) {
      assert.ok(offset >= 0 && length >= 0 && offset + length <= bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
  assert.is([...readRecords(source)][0]?.data.length, 600_000);
});

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 255);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

test.run();
