import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeEvent } from '../../../lib/format/event/decode-event.js';
import { encodeEvent } from '../../../lib/format/event/encode-event.js';
import { FILE_VERSION, fileVersionEvent, parseFileVersion } from '../../../lib/format/event/file-version-event.js';
import { DATA_CLASSES, type SummaryValue } from '../../../lib/format/event/summary-value.js';
import { SESSION_STATUSES, type TfEvent } from '../../../lib/format/event/tf-event.js';
import { makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import { decodeWith } from './event-messages.js';
import { isError } from './is-error.js';

const test = suite('encodeEvent');

// Objects as the decoder makes them, for objects without a prototype are not equal to them.
const record: typeof fc.record = ((model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(model, { noNullPrototype: true })) as typeof fc.record;
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 });
const float = fc.float();
const double = fc.double();
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const step = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt), fc.nat(20_000).map(BigInt))
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
const tensor = fc.oneof(
  fc.array(float, { maxLength: 40 }).map((list) => makeTensor('float32', [list.length], Float32Array.from(list))),
  bytes.map((list) => makeTensor('bool', [1, list.length, 1], list)),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => makeTensor('int64', [], BigInt64Array.of(value))),
  fc.array(bytes, { maxLength: 5 }).map((list) => makeStringTensor([list.length], list)),
);
const data = fc.option(
  fc.oneof(
    record({ type: fc.constant('simpleValue' as const), value: float }),
    record({ type: fc.constant('obsoleteHistogram' as const), bytes }),
    record({ type: fc.constant('image' as const), width: int32, height: int32, colorspace: int32, encoded: bytes }),
    fc
      .record({
        min: double,
        max: double,
        count: double,
        sum: double,
        sumSquares: double,
        rows: fc.array(fc.tuple(double, double), { maxLength: 40 }),
      })
      .map(({ rows, ...rest }) => ({
        type: 'histogram' as const,
        ...rest,
        limits: rows.map(([limit]) => limit),
        counts: rows.map(([, count]) => count),
      })),
    record({
      type: fc.constant('audio' as const),
      sampleRateHz: float,
      channels: fc.maxSafeInteger(),
      frames: fc.maxSafeInteger(),
      encoded: bytes,
      contentType: text,
    }),
    record({ type: fc.constant('tensor' as const), tensor }),
  ),
  { nil: undefined },
);
const metadata = fc.option(
  record({
    pluginName: text,
    content: bytes,
    displayName: text,
    description: text,
    dataClass: fc.constantFrom(...DATA_CLASSES),
  }),
  { nil: undefined },
);
const value: fc.Arbitrary<SummaryValue> = record({ tag: text, metadata, data });
const body = fc.oneof(
  record({ type: fc.constant('fileVersion' as const), fileVersion: text }),
  record({ type: fc.constant('summary' as const), values: fc.array(value, { maxLength: 4 }) }),
  record({
    type: fc.constant('sessionLog' as const),
    status: fc.constantFrom(...SESSION_STATUSES),
    checkpointPath: text,
    message: text,
  }),
  record({ type: fc.constant('graphDef' as const), graphDef: bytes }),
  record({ type: fc.constant('metaGraphDef' as const), metaGraphDef: bytes }),
  record({ type: fc.constant('taggedRunMetadata' as const), tag: text, runMetadata: bytes }),
  record({ type: fc.constant('logMessage' as const), level: int32, message: text }),
  fc.constant({ type: 'empty' as const }),
);
const event: fc.Arbitrary<TfEvent> = fc
  .tuple(body, fc.double({ noNaN: true }), step, fc.option(text, { nil: undefined }))
  .map(([rest, wallTime, at, sourceWriter]) =>
    sourceWriter === undefined ? { wallTime, step: at, ...rest } : { wallTime, step: at, sourceWriter, ...rest },
  );

test('is undone by decodeEvent', () => {
  fc.assert(
    fc.property(event, (each) => assert.equal(decodeEvent(encodeEvent(each)), each)),
    { numRuns: 1000 },
  );
});

test('is read alike by a decoder that is not ours', () => {
  fc.assert(
    fc.property(event, (each) => {
      const read = decodeWith('Event', encodeEvent(each));
      assert.is(String(read['step'] ?? 0), String(each.step));
      assert.ok(Object.is(read['wall_time'] ?? 0, each.wallTime));
      assert.is(
        (read['source_metadata'] as Record<string, unknown> | undefined)?.['writer'] ?? '',
        each.sourceWriter ?? '',
      );
      if (each.type === 'fileVersion') assert.is(read['file_version'], each.fileVersion);
      if (each.type === 'graphDef') assert.is(read['graph_def'], base64(each.graphDef));
      if (each.type === 'summary') {
        const { value: values = [] } = read['summary'] as { value?: Record<string, unknown>[] };
        assert.is(values.length, each.values.length);
        each.values.forEach((one, i) => {
          matchValue(values[i] ?? {}, one);
        });
      }
    }),
    { numRuns: 500 },
  );
});

function matchValue(read: Record<string, unknown>, { tag, data, metadata }: SummaryValue): void {
  assert.is(read['tag'] ?? '', tag);
  const described = (read['metadata'] ?? {}) as Record<string, unknown>;
  assert.is(described['display_name'] ?? '', metadata?.displayName ?? '');
  assert.is(described['data_class'] ?? 0, DATA_CLASSES.indexOf(metadata?.dataClass ?? 'unknown'));
  if (data?.type === 'simpleValue') assert.ok(Object.is(read['simple_value'], data.value));
  if (data?.type === 'histogram') {
    const histo = read['histo'] as { bucket?: number[]; bucket_limit?: number[] };
    assert.equal([histo.bucket ?? [], histo.bucket_limit ?? []], [data.counts, data.limits]);
  }
  if (data?.type === 'tensor') {
    const read8 = read['tensor'] as {
      tensor_content?: string;
      string_val?: string[];
      tensor_shape: { dim?: { size?: string }[] };
    };
    assert.equal(
      (read8.tensor_shape.dim ?? []).map(({ size = '0' }) => Number(size)),
      data.tensor.shape,
    );
    if (data.tensor.dtype === 'string') assert.equal(read8.string_val ?? [], data.tensor.values.map(base64));
    else assert.is(read8.tensor_content ?? '', base64(data.tensor.bytes));
  }
}

test('begins a file as TensorFlow does', () => {
  const bytes = encodeEvent(fileVersionEvent(1_700_000_000));
  assert.is(Buffer.from(bytes).toString('hex'), '0900000040fc54d9411a0d627261696e2e4576656e743a32');
  assert.is(parseFileVersion(FILE_VERSION), 2);
  assert.is(parseFileVersion('brain.Event:x'), undefined);
});

test('keeps every step of 64 bits and no other', () => {
  for (const at of [
    0,
    1,
    -1,
    127,
    128,
    2 ** 28 - 1,
    2 ** 28,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2n ** 53n,
    -(2n ** 63n),
    2n ** 63n - 1n,
  ]) {
    assert.is(decodeEvent(encodeEvent({ type: 'empty', wallTime: 1, step: at })).step, at);
  }
  for (const at of [2n ** 63n, 1.5, Number.NaN, 2 ** 53, '1' as unknown as number]) {
    assert.throws(() => encodeEvent({ type: 'empty', wallTime: 1, step: at }), isError(RangeError));
  }
  assert.throws(() => encodeEvent({ type: 'empty', wallTime: Number.NaN, step: 1 }), isError(RangeError));
});

test('refuses what it cannot write', () => {
  assert.throws(
    () => encodeEvent({ type: 'fileVersion', fileVersion: '\ud800', wallTime: 1, step: 0 }),
    isError(TypeError),
  );
  assert.throws(() => encodeEvent({ type: 'nothing', wallTime: 1, step: 0 } as unknown as TfEvent), isError(TypeError));
  const histogram = {
    type: 'histogram',
    min: 0,
    max: 1,
    count: 1,
    sum: 1,
    sumSquares: 1,
    limits: [1, 2],
    counts: [1],
  } as const;
  const summary = { type: 'summary', wallTime: 1, step: 0, values: [{ tag: 'h', data: histogram }] } as const;
  assert.throws(() => encodeEvent(summary), isError(RangeError));
});

test('keeps the bits of NaN in tensors', () => {
  const bits = Uint8Array.of(0x01, 0x00, 0xa0, 0x7f);
  const values = [{ tag: 'a', data: { type: 'tensor', tensor: makeTensor('float32', [], bits) } }] as const;
  const read = decodeEvent(encodeEvent({ type: 'summary', wallTime: 1, step: 0, values }));
  const [first] = read.type === 'summary' ? read.values : [];
  assert.ok(first?.data?.type === 'tensor' && first.data.tensor.dtype === 'float32');
  if (first?.data?.type === 'tensor' && first.data.tensor.dtype === 'float32')
    assert.equal([...first.data.tensor.bytes], [...bits]);
});

test('decodeEvent leaves no view of its bytes', () => {
  const bytes = encodeEvent({ type: 'graphDef', graphDef: Uint8Array.of(1, 2), wallTime: 1, step: 0 });
  const read = decodeEvent(bytes);
  bytes.fill(0xff);
  assert.equal(read.type === 'graphDef' && [...read.graphDef], [1, 2]);
});

test('decodeEvent merges a summary that comes in two parts', () => {
  const [one, two] = ['a', 'b'].map((tag) =>
    encodeEvent({ type: 'summary', wallTime: 0, step: 0, values: [{ tag, data: { type: 'simpleValue', value: 1 } }] }),
  ) as [Uint8Array, Uint8Array];
  const read = decodeEvent(new Uint8Array(Buffer.concat([one, two])));
  assert.equal(read.type === 'summary' && read.values.map(({ tag }) => tag), ['a', 'b']);
});

function base64(list: Uint8Array): string {
  return Buffer.from(list).toString('base64');
}

test.run();
