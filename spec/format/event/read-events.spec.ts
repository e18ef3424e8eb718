import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dtypeNumber } from '../../../lib/format/dtype-number.js';
import { encodeEvent } from '../../../lib/format/event/encode-event.js';
import { readEvents } from '../../../lib/format/event/read-events.js';
import type { SummaryValue } from '../../../lib/format/event/summary-value.js';
import type { TfEvent } from '../../../lib/format/event/tf-event.js';
import { readRecords } from '../../../lib/format/tfrecord.js';
import { bytesMatch, eventFiles, expectedOf, FIXTURES, jsonNumber, numbersOf } from './fixture.js';

const test = suite('readEvents');

type Json = Record<string, unknown>;
interface ExpectedFiles {
  readonly files: Record<string, { records: Json[] }>;
}

for (const name of FIXTURES) {
  const { files } = expectedOf(`${name}.records.json`) as ExpectedFiles;

  test(`reads every record of ${name} as TensorFlow does`, () => {
    const sources = eventFiles(name);
    assert.equal([...sources.keys()].sort(), Object.keys(files).sort());
    for (const [path, source] of sources) {
      const events = [...readEvents(source)];
      const records = files[path]?.records ?? [];
      assert.is(events.length, records.length, path);
      for (const [i, { event, offset, end }] of events.entries()) {
        const record = records[i] as Json;
        assert.is(offset, record['at']);
        assert.is(end - offset - 16, record['bytes']);
        matchEvent(event, record);
      }
    }
  });

  test(`writes every record of ${name} again, byte for byte`, () => {
    for (const [path, source] of eventFiles(name)) {
      const records = readRecords(source);
      for (const [i, { event, offset }] of [...readEvents(source)].entries()) {
        const { data } = records.next().value as { data: Uint8Array };
        // Some put the elements of a tensor in float_val; we write the other form, as TensorFlow does.
        const isOurs = !JSON.stringify(files[path]?.records[i]).includes('"float_val"');
        assert.is(Buffer.from(encodeEvent(event)).equals(Buffer.from(data)), isOurs, `${path}, byte ${offset}`);
      }
    }
  });
}

function matchEvent(event: TfEvent, record: Json): void {
  assert.is(event.wallTime, record['wall_time'] ?? 0);
  assert.is(event.step, record['step'] ?? 0);
  assert.is(event.sourceWriter, (record['source_metadata'] as Json | undefined)?.['writer']);
  switch (event.type) {
    case 'fileVersion':
      assert.is(event.fileVersion, record['file_version']);
      break;
    case 'graphDef':
      assert.ok(bytesMatch(event.graphDef, record['graph_def']));
      break;
    case 'metaGraphDef':
      assert.ok(bytesMatch(event.metaGraphDef, record['meta_graph_def']));
      break;
    case 'taggedRunMetadata': {
      const expected = record['tagged_run_metadata'] as Json;
      assert.is(event.tag, expected['tag']);
      assert.ok(bytesMatch(event.runMetadata, expected['run_metadata']));
      break;
    }
    case 'sessionLog': {
      const expected = record['session_log'] as Json;
      assert.is(['unspecified', 'start', 'stop', 'checkpoint'].indexOf(event.status), expected['status'] ?? 0);
      assert.is(event.checkpointPath, expected['checkpoint_path'] ?? '');
      assert.is(event.message, expected['msg'] ?? '');
      break;
    }
    case 'summary': {
      const values = (record['summary'] as { value: Json[] }).value;
      assert.is(event.values.length, values.length);
      event.values.forEach((value, i) => {
        matchValue(value, values[i] as Json);
      });
      break;
    }
    default:
      throw new Error(`unexpected ${event.type}`);
  }
}

function matchValue({ tag, data, metadata }: SummaryValue, expected: Json): void {
  assert.is(tag, expected['tag'] ?? '');
  const described = expected['metadata'] as Json | undefined;
  assert.is(metadata === undefined, described === undefined);
  if (metadata !== undefined && described !== undefined) {
    const plugin = (described['plugin_data'] ?? {}) as Json;
    assert.is(metadata.pluginName, plugin['plugin_name'] ?? '');
    assert.ok(bytesMatch(metadata.content, plugin['content'] ?? ''));
    assert.is(metadata.displayName, described['display_name'] ?? '');
    assert.is(metadata.description, described['summary_description'] ?? '');
    assert.is(metadata.dataClass, 'unknown');
  }
  switch (data?.type) {
    case undefined:
      for (const key of ['tensor', 'histo', 'image', 'audio', 'simple_value']) assert.not.ok(key in expected);
      return;
    case 'simpleValue':
      assert.is(jsonNumber(data.value), expected['simple_value']);
      break;
    case 'histogram': {
      const histo = expected['histo'] as Record<string, number | number[]>;
      const { min, max, count, sum, sumSquares, limits, counts } = data;
      assert.equal(
        [min, max, count, sum, sumSquares],
        ['min', 'max', 'num', 'sum', 'sum_squares'].map((key) => histo[key] ?? 0),
      );
      assert.equal([limits, counts], [histo['bucket_limit'], histo['bucket']]);
      return;
    }
    case 'image': {
      const image = expected['image'] as Json;
      assert.equal([data.width, data.height, data.colorspace], [image['width'], image['height'], image['colorspace']]);
      assert.ok(bytesMatch(data.encoded, image['encoded_image_string']));
      break;
    }
    case 'audio': {
      const audio = expected['audio'] as Json;
      assert.equal(
        [data.sampleRateHz, data.channels, data.frames, data.contentType],
        [audio['sample_rate'], audio['num_channels'], audio['length_frames'], audio['content_type']],
      );
      assert.ok(bytesMatch(data.encoded, audio['encoded_audio_string']));
      break;
    }
    case 'tensor': {
      const { tensor } = data;
      const raw = expected['tensor'] as Json;
      assert.is(dtypeNumber(tensor.dtype), raw['dtype']);
      const dims = ((raw['tensor_shape'] as Json | undefined)?.['dim'] ?? []) as { size?: number }[];
      assert.equal(
        tensor.shape,
        dims.map(({ size = 0 }) => size),
      );
      if (tensor.dtype === 'string') {
        const strings = raw['string_val'] as unknown[];
        assert.is(tensor.values.length, strings.length);
        assert.ok(tensor.values.every((value, i) => bytesMatch(value, strings[i])));
      } else if ('float_val' in raw) assert.equal(numbersOf(tensor), raw['float_val']);
      else if ('tensor_content' in raw) assert.ok(bytesMatch(tensor.bytes, raw['tensor_content']));
      else assert.is(tensor.bytes.length, 0);
      return;
    }
    default:
      throw new Error(`unexpected ${data?.type}`);
  }
}

test.run();
