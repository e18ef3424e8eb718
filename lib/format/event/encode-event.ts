// Event: what a record of an event file holds. Field numbers: TensorFlow, tensorflow/core/util/event.proto.
//
//     1 wall_time double, 2 step int64, one of { 3 file_version, 4 graph_def, 5 summary, 6 log_message, 7 session_log,
//     8 tagged_run_metadata, 9 meta_graph_def }, 10 source_metadata { 1 writer }

import { ProtoWriter } from '../protobuf/proto-writer.js';
import { checkWellFormed } from './check-well-formed.js';
import { putSummaryValue } from './put-summary-value.js';
import { SESSION_STATUSES, type SessionLogEvent, type TfEvent } from './tf-event.js';

const MIN_STEP = -(2n ** 63n);
const MAX_STEP = 2n ** 63n - 1n;

/** The bytes of an Event message, in the order and with the omissions of protobuf's own writers. */
export function encodeEvent(event: TfEvent): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  putEvent(writer, event);
  return writer.copy();
}

/**
 * Puts the fields of an Event.
 *
 * @throws TypeError for text that UTF-8 cannot hold
 * @throws RangeError for a wall time that is NaN, which ends a file for TensorBoard's data server, or a step that is no
 *   int64
 */
export function putEvent(writer: ProtoWriter, event: TfEvent): void {
  const { wallTime, step, sourceWriter } = event;
  checkStamp('event', wallTime, step);
  if (!Object.is(wallTime, 0)) writer.double(1, wallTime);
  // biome-ignore lint/suspicious/noDoubleEquals: 0n is no step either
  if (step != 0) writer.int64(2, step);
  putBody(writer, event);
  if (sourceWriter !== undefined) {
    const start = writer.begin(10);
    if (sourceWriter !== '') writer.string(1, checkWellFormed('event, sourceWriter', sourceWriter));
    writer.end(start);
  }
}

/** Throws a RangeError if `wallTime` is no number or `step` no int64. */
export function checkStamp(place: string, wallTime: number, step: number | bigint): void {
  if (typeof wallTime !== 'number' || Number.isNaN(wallTime)) {
    throw new RangeError(`${place}, wallTime: expected seconds, received ${wallTime}`);
  }
  if (Number.isSafeInteger(step)) return;
  if (typeof step !== 'bigint' || step < MIN_STEP || step > MAX_STEP) {
    throw new RangeError(`${place}, step: expected a safe whole number or an int64 as bigint, received ${step}`);
  }
}

function putBody(writer: ProtoWriter, event: TfEvent): void {
  switch (event.type) {
    case 'fileVersion':
      writer.string(3, checkWellFormed('event, fileVersion', event.fileVersion));
      break;
    case 'graphDef':
      writer.byteString(4, event.graphDef);
      break;
    case 'summary': {
      const summary = writer.begin(5);
      for (const value of event.values) {
        const start = writer.begin(1);
        putSummaryValue(writer, value);
        writer.end(start);
      }
      writer.end(summary);
      break;
    }
    case 'logMessage': {
      const start = writer.begin(6);
      if (event.level !== 0) writer.int64(1, event.level);
      if (event.message !== '') writer.string(2, checkWellFormed('log message', event.message));
      writer.end(start);
      break;
    }
    case 'sessionLog':
      putSessionLog(writer, event);
      break;
    case 'taggedRunMetadata': {
      const start = writer.begin(8);
      if (event.tag !== '') writer.string(1, checkWellFormed('tagged run metadata, tag', event.tag));
      if (event.runMetadata.length > 0) writer.byteString(2, event.runMetadata);
      writer.end(start);
      break;
    }
    case 'metaGraphDef':
      writer.byteString(9, event.metaGraphDef);
      break;
    case 'empty':
      break;
    default:
      event satisfies never;
      throw new TypeError('event, type: expected a known type of event');
  }
}

function putSessionLog(writer: ProtoWriter, { status, checkpointPath, message }: SessionLogEvent): void {
  const start = writer.begin(7);
  const number = SESSION_STATUSES.indexOf(status);
  if (number > 0) writer.int64(1, number);
  if (checkpointPath !== '') writer.string(2, checkWellFormed('session log, checkpointPath', checkpointPath));
  if (message !== '') writer.string(3, checkWellFormed('session log, message', message));
  writer.end(start);
}
