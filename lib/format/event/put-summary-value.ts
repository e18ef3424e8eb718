// Summary.Value and what is in it. Field numbers: TensorFlow, tensorflow/core/framework/summary.proto and
// histogram.proto. Fields go out in the order of their numbers and without defaults, as protobuf's own writers have it.

import type { ProtoWriter } from '../protobuf/proto-writer.js';
import { checkWellFormed } from './check-well-formed.js';
import {
  DATA_CLASSES,
  type LegacyAudio,
  type LegacyHistogram,
  type LegacyImage,
  type SummaryData,
  type SummaryMetadata,
  type SummaryValue,
} from './summary-value.js';
import { putTensorProto } from './tensor-proto.js';

/** Puts the fields of a Summary.Value. */
export function putSummaryValue(writer: ProtoWriter, { tag, data, metadata }: SummaryValue): void {
  if (tag !== '') writer.string(1, checkWellFormed('summary value, tag', tag));
  if (data !== undefined) putData(writer, data);
  if (metadata !== undefined) {
    const start = writer.begin(9);
    putMetadata(writer, metadata);
    writer.end(start);
  }
}

function putData(writer: ProtoWriter, data: SummaryData): void {
  switch (data.type) {
    case 'simpleValue':
      writer.float(2, data.value);
      break;
    case 'obsoleteHistogram':
      writer.byteString(3, data.bytes);
      break;
    case 'image':
      putMessage(writer, 4, () => putImage(writer, data));
      break;
    case 'histogram':
      putMessage(writer, 5, () => putHistogram(writer, data));
      break;
    case 'audio':
      putMessage(writer, 6, () => putAudio(writer, data));
      break;
    case 'tensor':
      putMessage(writer, 8, () => putTensorProto(writer, data.tensor));
      break;
    default:
      data satisfies never;
      throw new TypeError('summary value, data: expected a known type');
  }
}

function putMessage(writer: ProtoWriter, field: number, put: () => void): void {
  const start = writer.begin(field);
  put();
  writer.end(start);
}

function putImage(writer: ProtoWriter, { height, width, colorspace, encoded }: LegacyImage): void {
  putInt(writer, 1, height);
  putInt(writer, 2, width);
  putInt(writer, 3, colorspace);
  if (encoded.length > 0) writer.byteString(4, encoded);
}

function putHistogram(writer: ProtoWriter, histogram: LegacyHistogram): void {
  const { limits, counts } = histogram;
  if (limits.length !== counts.length) {
    throw new RangeError(
      `summary value, histogram: expected as many counts as limits, received ${counts.length} and ${limits.length}`,
    );
  }
  putDouble(writer, 1, histogram.min);
  putDouble(writer, 2, histogram.max);
  putDouble(writer, 3, histogram.count);
  putDouble(writer, 4, histogram.sum);
  putDouble(writer, 5, histogram.sumSquares);
  if (limits.length > 0) writer.packedDoubles(6, limits);
  if (counts.length > 0) writer.packedDoubles(7, counts);
}

function putAudio(writer: ProtoWriter, audio: LegacyAudio): void {
  // -0 is no default.
  if (!Object.is(Math.fround(audio.sampleRateHz), 0)) writer.float(1, audio.sampleRateHz);
  putInt(writer, 2, audio.channels);
  putInt(writer, 3, audio.frames);
  if (audio.encoded.length > 0) writer.byteString(4, audio.encoded);
  if (audio.contentType !== '') writer.string(5, checkWellFormed('audio value, contentType', audio.contentType));
}

function putMetadata(writer: ProtoWriter, metadata: SummaryMetadata): void {
  const { pluginName, content, displayName, description, dataClass } = metadata;
  if (pluginName !== '' || content.length > 0) {
    const start = writer.begin(1);
    if (pluginName !== '') writer.string(1, checkWellFormed('summary metadata, pluginName', pluginName));
    if (content.length > 0) writer.byteString(2, content);
    writer.end(start);
  }
  if (displayName !== '') writer.string(2, checkWellFormed('summary metadata, displayName', displayName));
  if (description !== '') writer.string(3, checkWellFormed('summary metadata, description', description));
  putInt(writer, 4, DATA_CLASSES.indexOf(dataClass));
}

function putInt(writer: ProtoWriter, field: number, value: number): void {
  if (value !== 0) writer.int64(field, value);
}

function putDouble(writer: ProtoWriter, field: number, value: number): void {
  if (!Object.is(value, 0)) writer.double(field, value);
}
