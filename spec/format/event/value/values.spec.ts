// The builders of values against files of the real programs: what they build must be the record, byte for byte.

import { decode } from 'fast-png';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeEvent } from '../../../../lib/format/event/encode-event.js';
import { runMetadataValue } from '../../../../lib/format/event/graph/graph-value.js';
import { decodeHparams } from '../../../../lib/format/event/hparams/decode-hparams.js';
import { hparamsValue } from '../../../../lib/format/event/hparams/hparams-value.js';
import { encodePngs } from '../../../../lib/format/event/media/encode-png.js';
import { encodeWav } from '../../../../lib/format/event/media/encode-wav.js';
import { readEvents } from '../../../../lib/format/event/read-events.js';
import type { SummaryValue } from '../../../../lib/format/event/summary-value.js';
import { audioValue } from '../../../../lib/format/event/value/audio-value.js';
import { histogramValue } from '../../../../lib/format/event/value/histogram-value.js';
import { imageValue } from '../../../../lib/format/event/value/image-value.js';
import { meshValues } from '../../../../lib/format/event/value/mesh-values.js';
import { scalarValue } from '../../../../lib/format/event/value/scalar-value.js';
import { tensorValue } from '../../../../lib/format/event/value/tensor-value.js';
import { textValue } from '../../../../lib/format/event/value/text-value.js';
import { makeTensor } from '../../../../lib/tensor/make-tensor.js';
import { decodeWith } from '../event-messages.js';
import { eventFiles } from '../fixture.js';
import { isError } from '../is-error.js';

const test = suite('values');

const train = valuesOf('tf2_all', 'train/');

test('scalarValue is that of TensorFlow 2, and of TensorFlow 1', () => {
  same(scalarValue('loss', 1, { description: 'A **loss**' }), train.get('loss'));
  same(scalarValue('acc/top1', 0), train.get('acc/top1'));
  same(scalarValue('plain', 0.5, { form: 'simple' }), valuesOf('tf1_values', '').get('plain'));
});

test('histogramValue is that of TensorFlow 2', () => {
  same(histogramValue('h/empty', []), train.get('h/empty'));
  same(histogramValue('h/constant', new Float32Array(7).fill(2.5)), train.get('h/constant'));
  same(histogramValue('h/buckets', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { bucketCount: 5 }), train.get('h/buckets'));
});

test('histogramValue is that of TensorFlow 1, but for empty buckets at the ends', () => {
  const { data } = histogramValue('hist', [-1.5, 0.5, 1.5, 2], { buckets: 'exponential' });
  assert.is(data?.type, 'histogram');
  if (data?.type !== 'histogram') return;
  assert.equal([data.min, data.max, data.count, data.sum], [-1.5, 2, 4, 2.5]);
  assert.equal([data.counts[0], data.counts.at(-1)], [1, 1]);
});

test('imageValue is that of TensorFlow 2', () => {
  for (const [tag, images] of [
    ['img/rgb', 2],
    ['img/gray', 1],
    ['img/rgba', 1],
  ] as const) {
    const golden = train.get(tag);
    const [width, height, ...encoded] = stringsOf(golden);
    assert.is(encoded.length, images);
    same(imageValue(tag, { width: Number(text(width)), height: Number(text(height)), encoded }), golden);
  }
});

test('encodePngs makes files with the pixels it was given', () => {
  for (const [tag, channels] of [
    ['img/gray', 1],
    ['img/rgb', 3],
    ['img/rgba', 4],
  ] as const) {
    const [, , first] = stringsOf(train.get(tag));
    const { width, height, data } = decode(first as Uint8Array);
    const { encoded } = encodePngs({ shape: [1, height, width, channels], data: data as Uint8Array });
    assert.equal(decode(encoded[0] as Uint8Array), { ...decode(first as Uint8Array) });
  }
  const floats = encodePngs({ shape: [2, 1, 2, 2], data: Float32Array.of(0, 0.5, 1, 2, -1, Number.NaN, 0.25, 1) });
  assert.equal(
    floats.encoded.map((file) => [...decode(file).data]),
    [
      [0, 128, 255, 255],
      [0, 0, 64, 255],
    ],
  );
  const deep = encodePngs({ shape: [1, 1, 2, 1], data: Uint16Array.of(1, 65535) });
  assert.equal([...decode(deep.encoded[0] as Uint8Array).data], [1, 65535]);
  for (const shape of [
    [1, 1, 2, 5],
    [1, 0, 2, 1],
    [1, 1, 2, 2],
    [1, 2 ** 20, 2 ** 20, 1],
  ] as [number, number, number, number][]) {
    assert.throws(() => encodePngs({ shape, data: new Uint8Array(2) }), isError(RangeError));
  }
  assert.throws(
    () => encodePngs({ shape: [1, 1, 2, 1], data: Int32Array.of(1, 2) as unknown as Uint8Array }),
    isError(TypeError),
  );
});

test('audioValue and encodeWav make the sounds of TensorFlow 2', () => {
  for (const [tag, channels, sampleRateHz] of [
    ['sound', 1, 8000],
    ['stereo', 2, 44100],
  ] as const) {
    const golden = train.get(tag);
    const files = stringsOf(golden).filter((_, i) => i % 2 === 0);
    const again = files.map((file) => {
      const samples = new Int16Array(file.slice(44).buffer);
      return encodeWav(
        Float64Array.from(samples, (sample) => sample / 32767),
        { sampleRateHz, channels },
      );
    });
    assert.equal(
      again.map((file) => Buffer.from(file)),
      files.map((file) => Buffer.from(file)),
    );
    same(audioValue(tag, again), golden);
  }
});

test('encodeWav clamps, rounds away from zero, and is silent for NaN', () => {
  const file = encodeWav([2, -2, Number.NaN, 0.5 / 32767, -0.5 / 32767, 0], { sampleRateHz: 8000, channels: 3 });
  assert.equal([...new Int16Array(file.slice(44).buffer)], [32767, -32767, 0, 1, -1, 0]);
  assert.is(encodeWav([], { sampleRateHz: 1 }).length, 44);
  assert.throws(() => encodeWav([1, 2, 3], { sampleRateHz: 8000, channels: 2 }), /whole frames/);
  assert.throws(() => encodeWav([1], { sampleRateHz: 0 }), isError(RangeError));
  assert.throws(() => encodeWav([1], { sampleRateHz: 1, channels: 0 }), isError(RangeError));
});

test('textValue and tensorValue are those of TensorFlow 2', () => {
  same(textValue('note', 'Some *markdown* — naïve ☃'), train.get('note'));
  same(
    textValue('table', [
      ['a', 'b'],
      ['c', 'd'],
    ]),
    train.get('table'),
  );
  same(textValue('t/text_summary', ['hello *torch*']), valuesOf('torch', '').get('t/text_summary'));
  same(
    tensorValue('raw/tensor', makeTensor('int64', [2, 2], BigInt64Array.of(1n, 2n, 3n, 4n))),
    train.get('raw/tensor'),
  );
  const foreign = tensorValue('raw/plugin', makeTensor('float32', [2], Float32Array.of(1.5, 2.5)), {
    pluginName: 'my_plugin',
    content: Uint8Array.of(1, 2),
  });
  assert.is(foreign.metadata?.dataClass, 'tensor');
  same(
    { ...foreign, metadata: { ...foreign.metadata, dataClass: 'unknown' } as SummaryValue['metadata'] },
    train.get('raw/plugin'),
  );
});

test('hparamsValue is that of TensorFlow 2', () => {
  let seen = 0;
  for (const folder of ['events', 'trial_0/', 'trial_1/']) {
    for (const [tag, golden] of valuesOf('hparams', folder)) {
      if (!tag.startsWith('_hparams_/')) continue;
      same(hparamsValue(decodeHparams(golden.metadata?.content ?? new Uint8Array(0))), golden);
      seen++;
    }
  }
  assert.is(seen, 5);
});

test('runMetadataValue is that of TensorFlow 2, but for the rank', () => {
  const golden = train.get('func');
  const built = runMetadataValue('func', stringsOf(golden)[0] as Uint8Array, true);
  assert.equal(built.metadata, golden?.metadata);
});

test('meshValues are as TensorBoard reads them', () => {
  const values = meshValues('m', {
    batch: 1,
    vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
    faces: Int32Array.of(0, 1, 2),
    colors: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255),
  });
  assert.equal(
    values.map(({ tag }) => tag),
    ['m_VERTEX', 'm_FACE', 'm_COLOR'],
  );
  assert.equal(
    values.map(({ metadata }) => decodeWith('MeshPluginData', metadata?.content ?? new Uint8Array(0))),
    [
      [1, 3],
      [2, 1],
      [3, 3],
    ].map(([content_type, n]) => ({ name: 'm', content_type, json_config: '{}', shape: [1, n, 3], components: 14 })),
  );
  const vertices = new Float32Array(9);
  assert.throws(() => meshValues('m', { batch: 2, vertices }), isError(RangeError));
  assert.throws(() => meshValues('m', { batch: 1, vertices, faces: Int32Array.of(0, 1, 3) }), /indices of 3/);
  assert.throws(() => meshValues('m', { batch: 1, vertices, colors: new Uint8Array(3) }), isError(RangeError));
  assert.throws(() => meshValues('m', { batch: 1, vertices }, { jsonConfig: '{' }), isError(TypeError));
});

test('bad input is refused at the door', () => {
  const wav = encodeWav([0], { sampleRateHz: 8000 });
  const doors: ((tag: string) => unknown)[] = [
    (tag) => scalarValue(tag, 1),
    (tag) => histogramValue(tag, [1]),
    (tag) => imageValue(tag, { width: 1, height: 1, encoded: [wav] }),
    (tag) => audioValue(tag, [wav]),
    (tag) => textValue(tag, 'x'),
    (tag) => tensorValue(tag, makeTensor('int8', [0], new Int8Array(0))),
    (tag) => meshValues(tag, { batch: 1, vertices: new Float32Array(3) }),
  ];
  for (const door of doors) {
    assert.throws(() => door(''), isError(RangeError));
    assert.throws(() => door('\ud800'), /lone surrogate/);
    assert.throws(() => door(7 as unknown as string), isError(TypeError));
    assert.not.throws(() => door('\u{1f30a}'));
  }
  assert.throws(() => scalarValue('a', '1' as unknown as number), isError(TypeError));
  assert.throws(() => scalarValue('a', 1, { form: 'x' as 'simple' }), isError(TypeError));
  assert.throws(() => scalarValue('a', 1, { description: '\udc00' }), isError(TypeError));
  assert.throws(() => histogramValue('a', [1], { bucketCount: -1 }), isError(RangeError));
  assert.throws(() => histogramValue('a', [1], { buckets: 'x' as 'exponential' }), isError(TypeError));
  assert.throws(() => imageValue('a', { width: 0, height: 1, encoded: [wav] }), isError(RangeError));
  assert.throws(() => imageValue('a', { width: 1, height: 1, encoded: [] }), isError(RangeError));
  assert.throws(() => imageValue('a', { width: 1, height: 1, encoded: [new Uint8Array(0)] }), isError(TypeError));
  assert.throws(() => audioValue('a', []), isError(RangeError));
  assert.throws(() => audioValue('a', [Uint8Array.of(1, 2)]), isError(TypeError));
  assert.throws(() => textValue('a', [['a'], ['b', 'c']]), isError(RangeError));
  assert.throws(() => textValue('a', 3 as unknown as string), isError(TypeError));
  assert.throws(() => tensorValue('a', { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) }), /expected 8 bytes/);
  assert.throws(() => hparamsValue({ type: 'sessionStart', hparams: new Map([['', 1]]) }), isError(RangeError));
});

function same(built: SummaryValue, golden: SummaryValue | undefined): void {
  if (golden === undefined) throw new Error(`no golden value for ${built.tag}`);
  const bytes = [built, golden].map((value) => encodeEvent({ type: 'summary', wallTime: 1, step: 1, values: [value] }));
  assert.is(...(bytes.map((each) => Buffer.from(each).toString('hex')) as [string, string]));
}

/** The first value of each tag. */
function valuesOf(name: string, path: string): Map<string, SummaryValue> {
  const values = new Map<string, SummaryValue>();
  for (const [file, source] of eventFiles(name)) {
    if (!file.startsWith(path)) continue;
    for (const { event } of readEvents(source)) {
      if (event.type !== 'summary') continue;
      for (const value of event.values) if (!values.has(value.tag)) values.set(value.tag, value);
    }
  }
  return values;
}

function stringsOf(value: SummaryValue | undefined): readonly Uint8Array[] {
  if (value?.data?.type !== 'tensor' || value.data.tensor.dtype !== 'string') throw new Error('no strings');
  return value.data.tensor.values;
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

test.run();
