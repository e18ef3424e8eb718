import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ByteSource, bytesSource } from '../../lib/format/byte-source.js';
import { readAhead } from '../../lib/format/read-ahead.js';

const test = suite('readAhead');
const data = Uint8Array.from({ length: 700_001 }, (_, at) => (at * 7919) >>> 4);

/** A source that counts; like a file, it can read into memory if `canReadInto`. */
function counted(canReadInto: boolean): ByteSource & { calls: number } {
  const source: ByteSource & { calls: number } = {
    name: 'counted',
    sizeBytes: data.length,
    calls: 0,
    read(offset, length) {
      source.calls++;
      assert.ok(offset >= 0 && length >= 0 && offset + length <= data.length, `${offset}, ${length} leave the file`);
      return data.slice(offset, offset + length);
    },
  };
  if (canReadInto) source.readInto = (offset, into) => into.set(source.read(offset, into.length));
  return source;
}

for (const canReadInto of [true, false]) {
  const kind = canReadInto ? 'a file' : 'a source that only reads';
  test(`gives the bytes of ${kind}, in whatever order and size`, () => {
    const ahead = readAhead(counted(canReadInto));
    let at = 1;
    for (let i = 0; i < 2000; i++) {
      at = (at * 48_271) % 2_147_483_647;
      const offset = at % data.length;
      const length = Math.min(i % 7 === 0 ? 50_000 : i % 1500, data.length - offset);
      const expected = data.subarray(offset, offset + length);
      assert.is(Buffer.compare(ahead.read(offset, length), expected), 0);
      const into = new Uint8Array(length);
      ahead.readInto?.(offset, into);
      assert.is(Buffer.compare(into, expected), 0);
    }
  });

  test(`asks ${kind} seldom for many small pieces in order`, () => {
    const source = counted(canReadInto);
    const ahead = readAhead(source);
    for (let offset = 0; offset < data.length; offset += 100) ahead.read(offset, Math.min(100, data.length - offset));
    assert.ok(source.calls <= 4, `${source.calls} calls`);
  });
}

test('a read that fails leaves nothing behind that looks like data', () => {
  let isBroken = false;
  const source: ByteSource = {
    ...bytesSource('broken', data),
    readInto(offset, into) {
      if (isBroken) throw new Error('EIO');
      into.set(data.subarray(offset, offset + into.length));
    },
  };
  const ahead = readAhead(source);
  ahead.read(0, 10);
  isBroken = true;
  assert.throws(() => ahead.read(600_000, 10), 'EIO');
  assert.throws(() => ahead.read(600_000, 10), 'EIO');
  isBroken = false;
  assert.is(Buffer.compare(ahead.read(600_000, 10), data.subarray(600_000, 600_010)), 0);
});

test.run();
