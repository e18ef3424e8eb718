import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { EventWriter } from '../../../lib/format/event/event-writer.js';
import { readEvents } from '../../../lib/format/event/read-events.js';
import { scalarValue } from '../../../lib/format/event/value/scalar-value.js';
import { readRecords } from '../../../lib/format/tfrecord.js';
import { eventFiles } from './fixture.js';
import { isError } from './is-error.js';

const test = suite('EventWriter');

test('adds a scalar fast as it adds it slowly, byte for byte', () => {
  const scalar = fc.record({
    tag: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }),
    value: fc.oneof(fc.double(), fc.constantFrom(0, -0, 1.5, -2.5, Number.NaN, Infinity)),
    step: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    wallTime: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0)),
  });
  const [fast, slow] = [new EventWriter(16), new EventWriter()];
  fc.assert(
    fc.property(scalar, ({ tag, value, step, wallTime }) => {
      fast.addScalar(tag, value, step, wallTime);
      slow.add({ type: 'summary', step, wallTime, values: [scalarValue(tag, value)] });
      assert.ok(Buffer.from(fast.written()).equals(Buffer.from(slow.written())));
    }),
    { numRuns: 500 },
  );
});

test('writes the scalars of TensorFlow', () => {
  const [, source] = [...eventFiles('tf2_all')][0] as [string, ReturnType<typeof bytesSource>];
  const writer = new EventWriter();
  for (const { event } of readEvents(source)) {
    if (event.type !== 'summary') writer.add(event);
    else {
      const [value] = event.values;
      if (value?.data?.type !== 'tensor' || value.data.tensor.dtype !== 'float32') throw new Error('no scalar');
      const number = new DataView(value.data.tensor.bytes.buffer).getFloat32(0, true);
      writer.addScalar(value.tag, number, event.step, event.wallTime);
    }
  }
  assert.is(writer.length, 262);
  assert.ok(Buffer.from(writer.written()).equals(Buffer.from(source.read(0, source.sizeBytes))));
});

test('leaves nothing behind of what it refuses', () => {
  const writer = new EventWriter(16);
  writer.addScalar('a', 1, 1, 1);
  const { length } = writer;
  assert.throws(() => writer.addScalar('', 1, 1, 1), isError(RangeError));
  assert.throws(() => writer.addScalar('a\ud800', 1, 1, 1), isError(TypeError));
  assert.throws(() => writer.addScalar('a', 1, 1.5, 1), isError(RangeError));
  assert.throws(() => writer.addScalar('a', 1, 1, Number.NaN), isError(RangeError));
  assert.throws(() => writer.addScalar('a', '1' as unknown as number, 1, 1), isError(TypeError));
  const values = [scalarValue('b', 1), { tag: '\ud800' }];
  assert.throws(() => writer.add({ type: 'summary', step: 1, wallTime: 1, values }), isError(TypeError));
  assert.is(writer.length, length);
  writer.addScalar('b', 2, 2, 2);
  assert.is([...readRecords(bytesSource('w', writer.copy()))].length, 2);
});

test('starts over in the same memory, and with any number of tags', () => {
  const writer = new EventWriter();
  for (let i = 0; i < 5000; i++) writer.addScalar(`tag/${i}`, i, i, i);
  const events = [...readEvents(bytesSource('w', writer.copy()))];
  assert.is(events.length, 5000);
  assert.ok(events.every(({ event }, i) => event.type === 'summary' && event.values[0]?.tag === `tag/${i}`));
  writer.reset();
  assert.is(writer.written().length, 0);
});

test.run();
