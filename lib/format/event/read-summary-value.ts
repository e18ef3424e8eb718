import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { ProtoReader } from '../protobuf/proto-reader.js';
import {
  DATA_CLASSES,
  type LegacyAudio,
  type LegacyHistogram,
  type LegacyImage,
  type SummaryData,
  type SummaryMetadata,
  type SummaryValue,
} from './summary-value.js';
import { readTensorProto } from './tensor-proto.js';

/**
 * The fields of a Summary.Value; the inverse of `putSummaryValue`. Bytes are copies.
 *
 * @throws CorruptDataError also for a tensor or a histogram whose parts do not fit each other
 */
export function readSummaryValue(reader: ProtoReader): SummaryValue {
  let tag = '';
  let nodeName = '';
  let data: SummaryData | undefined;
  let metadata: SummaryMetadata | undefined;
  while (reader.next()) {
    if (reader.field === 1) tag = reader.string();
    else if (reader.field === 2) data = { type: 'simpleValue', value: reader.float() };
    else if (reader.field === 3) data = { type: 'obsoleteHistogram', bytes: reader.byteString().slice() };
    else if (reader.field === 4) data = readImage(reader.message());
    else if (reader.field === 5) data = readHistogram(reader.message(place(reader, tag)));
    else if (reader.field === 6) data = readAudio(reader.message());
    else if (reader.field === 7) nodeName = reader.string();
    else if (reader.field === 8) data = { type: 'tensor', tensor: readTensorProto(reader.message(place(reader, tag))) };
    else if (reader.field === 9) metadata = readMetadata(reader.message());
    else reader.skip();
  }
  // Before there were tags, tensors went by the name of their node.
  if (tag === '' && data?.type === 'tensor') tag = nodeName;
  return { tag, metadata, data };
}

/** Names the tag in error texts; writers put it first. */
function place(reader: ProtoReader, tag: string): string {
  return `${reader.where}, tag "${tag}"`;
}

function readImage(reader: ProtoReader): LegacyImage {
  let [height, width, colorspace] = [0, 0, 0];
  let encoded: Uint8Array = new Uint8Array(0);
  while (reader.next()) {
    if (reader.field === 1) height = reader.int32();
    else if (reader.field === 2) width = reader.int32();
    else if (reader.field === 3) colorspace = reader.int32();
    else if (reader.field === 4) encoded = reader.byteString().slice();
    else reader.skip();
  }
  return { type: 'image', width, height, colorspace, encoded };
}

function readHistogram(reader: ProtoReader): LegacyHistogram {
  let [min, max, count, sum, sumSquares] = [0, 0, 0, 0, 0];
  const limits: number[] = [];
  const counts: number[] = [];
  while (reader.next()) {
    if (reader.field === 1) min = reader.double();
    else if (reader.field === 2) max = reader.double();
    else if (reader.field === 3) count = reader.double();
    else if (reader.field === 4) sum = reader.double();
    else if (reader.field === 5) sumSquares = reader.double();
    else if (reader.field === 6) reader.doubles(limits);
    else if (reader.field === 7) reader.doubles(counts);
    else reader.skip();
  }
  if (limits.length !== counts.length) {
    const fault = `histogram of ${limits.length} limits and ${counts.length} counts`;
    throw new CorruptDataError(reader.format, reader.where, fault);
  }
  return { type: 'histogram', min, max, count, sum, sumSquares, limits, counts };
}

function readAudio(reader: ProtoReader): LegacyAudio {
  let [sampleRateHz, channels, frames] = [0, 0, 0];
  let encoded: Uint8Array = new Uint8Array(0);
  let contentType = '';
  while (reader.next()) {
    if (reader.field === 1) sampleRateHz = reader.float();
    else if (reader.field === 2) channels = reader.int64Number();
    else if (reader.field === 3) frames = reader.int64Number();
    else if (reader.field === 4) encoded = reader.byteString().slice();
    else if (reader.field === 5) contentType = reader.string();
    else reader.skip();
  }
  return { type: 'audio', sampleRateHz, channels, frames, encoded, contentType };
}

function readMetadata(reader: ProtoReader): SummaryMetadata {
  let [pluginName, displayName, description] = ['', '', ''];
  let content: Uint8Array = new Uint8Array(0);
  let dataClass = 0;
  while (reader.next()) {
    if (reader.field === 1) {
      for (const plugin = reader.message(); plugin.next(); ) {
        if (plugin.field === 1) pluginName = plugin.string();
        else if (plugin.field === 2) content = plugin.byteString().slice();
        else plugin.skip();
      }
    } else if (reader.field === 2) displayName = reader.string();
    else if (reader.field === 3) description = reader.string();
    else if (reader.field === 4) dataClass = reader.int32();
    else reader.skip();
  }
  return { pluginName, content, displayName, description, dataClass: DATA_CLASSES[dataClass] ?? 'unknown' };
}
