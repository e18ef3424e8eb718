import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ByteSource } from '../../../../lib/format/byte-source.js';
import { decodeGraphNodes } from '../../../../lib/format/event/graph/graph-def.js';
import { encodeWav } from '../../../../lib/format/event/media/encode-wav.js';
import type { TfEvent } from '../../../../lib/format/event/tf-event.js';
import { audioValue } from '../../../../lib/format/event/value/audio-value.js';
import { scalarValue } from '../../../../lib/format/event/value/scalar-value.js';
import { readRun } from '../../../../lib/format/event/view/read-run.js';
import { RunView } from '../../../../lib/format/event/view/run-view.js';
import { type Series, samplePoints } from '../../../../lib/format/event/view/series.js';
import { bytesMatch, eventFiles, expectedOf, FIXTURES, jsonNumber, numbersOf } from '../fixture.js';
import { isError } from '../is-error.js';

const test = suite('RunView');

type Json = Record<string, unknown>;
interface ExpectedRun {
  readonly file_version: number;
  readonly source_writer: string | null;
  readonly most_recent_step: number;
  readonly graph: string[] | null;
  readonly meta_graph: boolean;
  readonly tags: Record<string, Json & { points: Json[] }>;
  readonly v1: Record<'scalars' | 'histograms' | 'images' | 'audio', Record<string, unknown[][]>>;
}

for (const name of FIXTURES) {
  test(`shows ${name} as TensorBoard does`, () => {
    const runs = new Map<string, ByteSource[]>();
    for (const [path, source] of eventFiles(name)) {
      runs.set(dirname(path), [...(runs.get(dirname(path)) ?? []), source]);
    }
    const expected = (expectedOf(`${name}.json`) as { runs: Record<string, ExpectedRun> }).runs;
    assert.equal([...runs.keys()].sort(), Object.keys(expected).sort());
    for (const [run, files] of runs) matchRun(readRun(files), expected[run] as ExpectedRun);
  });
}

function matchRun(view: RunView, expected: ExpectedRun): void {
  assert.is(view.fileVersion, expected.file_version);
  assert.is(view.sourceWriter, expected.source_writer ?? undefined);
  assert.is(view.mostRecentStep, expected.most_recent_step);
  assert.is(view.metaGraphDef !== undefined, expected.meta_graph);
  const nodes = view.graphDef === undefined ? null : decodeGraphNodes(view.graphDef).map(({ name }) => name);
  assert.equal(nodes, expected.graph);
  assert.equal([...view.series.keys()].sort(), Object.keys(expected.tags).sort());
  for (const series of view.series.values())
    matchSeries(series, expected.tags[series.tag] as Json & { points: Json[] });
  assert.equal(legacyView(view), expected.v1);
}

function matchSeries({ tag, metadata, points }: Series, expected: Json & { points: Json[] }): void {
  assert.is(metadata?.pluginName, expected['plugin'], tag);
  if (metadata !== undefined) {
    assert.is(Buffer.from(metadata.content).toString('hex'), expected['content'], tag);
    const dataClass = { unknown: 'UNKNOWN', scalar: 'SCALAR', tensor: 'TENSOR', blobSequence: 'BLOB_SEQUENCE' };
    assert.is(`DATA_CLASS_${dataClass[metadata.dataClass]}`, expected['data_class'], tag);
    assert.is(metadata.displayName, expected['display_name'], tag);
    assert.is(metadata.description, expected['description'], tag);
  }
  assert.is(points.length, expected.points.length, tag);
  for (const [i, { step, wallTime, tensor }] of points.entries()) {
    const point = expected.points[i] as Json;
    assert.equal([step, wallTime, tensor.shape], [point['step'], point['wall_time'], point['shape']], tag);
    assert.is(tensor.dtype === 'string' ? 'object' : tensor.dtype, point['dtype'], tag);
    const values = point['value'] as unknown[] | undefined;
    if (values === undefined) continue;
    if (tensor.dtype === 'string') {
      assert.is(tensor.values.length, values.length);
      assert.ok(
        tensor.values.every((value, at) => bytesMatch(value, values[at])),
        tag,
      );
    } else {
      // Of long tensors the expectations have the first 192 numbers.
      const numbers = numbersOf(tensor).map(jsonNumber);
      assert.ok(values.length === numbers.length || values.length === 192, tag);
      assert.equal(numbers.slice(0, values.length), values, tag);
    }
  }
}

/** The values of TensorFlow 1's kinds, as they stand in the files. */
function legacyView(view: RunView): ExpectedRun['v1'] {
  const v1: ExpectedRun['v1'] = { scalars: {}, histograms: {}, images: {}, audio: {} };
  for (const { tag, points } of view.series.values()) {
    for (const { step, original } of points) {
      if (original?.type === 'simpleValue') (v1.scalars[tag] ??= []).push([step, jsonNumber(original.value)]);
      else if (original?.type === 'histogram') {
        const { min, max, count: num, sum, sumSquares: sum_squares, limits, counts } = original;
        (v1.histograms[tag] ??= []).push([step, { min, max, num, sum, sum_squares, limits, counts }]);
      } else if (original?.type === 'image') {
        (v1.images[tag] ??= []).push([step, original.width, original.height, original.encoded.length]);
      } else if (original?.type === 'audio') {
        const { sampleRateHz, frames, contentType, encoded } = original;
        (v1.audio[tag] ??= []).push([step, sampleRateHz, frames, contentType, encoded.length]);
      }
    }
  }
  return v1;
}

test('purges by steps that go back where the file has no version, only the tags at hand', () => {
  const view = new RunView();
  for (const step of [1, 2, 3]) view.add(summary(step, 'a', 'b'));
  view.add(summary(2, 'a'));
  assert.equal(stepsOf(view, 'a'), [1, 2]);
  assert.equal(stepsOf(view, 'b'), [1, 2, 3]);
  assert.is(view.purgedPoints, 2);
});

test('purges at the second start and not at the first', () => {
  const view = new RunView();
  view.add({ type: 'fileVersion', fileVersion: 'brain.Event:2', wallTime: 1, step: 0 });
  for (const step of [1, 2, 3]) view.add(summary(step, 'a', 'b'));
  view.add(start(2));
  assert.equal(stepsOf(view, 'a'), [1, 2, 3]);
  view.add(start(2));
  assert.equal(stepsOf(view, 'b'), [1]);
});

test('believes a data class that is set', () => {
  const { data, metadata, tag } = audioValue('a', [encodeWav([0], { sampleRateHz: 8000 })]);
  if (metadata === undefined) throw new Error('no metadata');
  const shapeOf = (dataClass: 'unknown' | 'blobSequence'): unknown => {
    const view = new RunView();
    view.add({ type: 'summary', wallTime: 1, step: 1, values: [{ tag, data, metadata: { ...metadata, dataClass } }] });
    return view.series.get('a')?.points[0]?.tensor.shape;
  };
  assert.equal(shapeOf('unknown'), [1]);
  assert.equal(shapeOf('blobSequence'), [1, 2]);
});

test('is left as it was by an event that is refused', () => {
  const view = new RunView();
  view.add(summary(1, 'a'));
  const bad = audioValue('b', [encodeWav([0], { sampleRateHz: 8000 })]);
  const text = { ...scalarValue('a', 1), data: bad.data };
  assert.throws(
    () => view.add({ type: 'summary', wallTime: 1, step: 2, values: [scalarValue('c', 1), text] }),
    /one number/,
  );
  assert.equal([...view.series.keys()], ['a']);
  assert.is(view.mostRecentStep, 1);
});

test('orders steps beyond 2^53', () => {
  const view = new RunView();
  for (const step of [2n ** 60n, 2n ** 60n + 1n]) view.add(summary(step, 'a'));
  view.add(summary(5, 'a'));
  assert.equal(stepsOf(view, 'a'), [5]);
});

test('samples evenly and keeps both ends', () => {
  const view = new RunView();
  for (let step = 0; step < 100; step++) view.add(summary(step, 'a'));
  const points = view.series.get('a')?.points ?? [];
  assert.equal(
    samplePoints(points, 4).map(({ step }) => step),
    [0, 33, 66, 99],
  );
  assert.equal(
    samplePoints(points, 1).map(({ step }) => step),
    [99],
  );
  assert.is(samplePoints(points, 100), points);
  assert.throws(() => samplePoints(points, 0), isError(RangeError));
});

function summary(step: number | bigint, ...tags: string[]): TfEvent {
  return { type: 'summary', wallTime: 1, step, values: tags.map((tag) => scalarValue(tag, Number(step))) };
}

function start(step: number): TfEvent {
  return { type: 'sessionLog', status: 'start', checkpointPath: '', message: '', wallTime: 1, step };
}

function stepsOf(view: RunView, tag: string): unknown[] {
  return view.series.get(tag)?.points.map(({ step }) => step) ?? [];
}

test.run();
