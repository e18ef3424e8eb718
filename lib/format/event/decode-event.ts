import { ProtoReader } from '../protobuf/proto-reader.js';
import { readSummaryValue } from './read-summary-value.js';
import type { SummaryValue } from './summary-value.js';
import { type EventStep, SESSION_STATUSES, type TfEvent } from './tf-event.js';

type Body = DistributiveOmit<TfEvent, 'wallTime' | 'step' | 'sourceWriter'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/**
 * The event in the data of a record; the inverse of `encodeEvent`. Unknown fields are skipped; of several bodies the
 * last one counts, as with protobuf. The result holds copies, never views of `data`.
 *
 * @param where the place for error texts, e.g. `events.out.tfevents.1700000000.host, byte 80`
 * @throws CorruptDataError if `data` is no Event, or if a tensor or histogram in it is broken in itself
 * @throws UnsupportedDataError for tensors of resources and variants
 */
export function decodeEvent(data: Uint8Array, where = 'event'): TfEvent {
  let wallTime = 0;
  let step: EventStep = 0;
  let sourceWriter: string | undefined;
  let body: Body = { type: 'empty' };
  for (const reader = new ProtoReader(data, 'event', where); reader.next(); ) {
    if (reader.field === 1) wallTime = reader.double();
    else if (reader.field === 2) step = readStep(reader);
    else if (reader.field === 3) body = { type: 'fileVersion', fileVersion: reader.string() };
    else if (reader.field === 4) body = { type: 'graphDef', graphDef: reader.byteString().slice() };
    else if (reader.field === 5) {
      // A message that comes twice is merged.
      const before: readonly SummaryValue[] = body.type === 'summary' ? body.values : [];
      body = { type: 'summary', values: readSummary(reader.message(), before) };
    } else if (reader.field === 6) body = readLogMessage(reader.message());
    else if (reader.field === 7) body = readSessionLog(reader.message());
    else if (reader.field === 8) body = readTaggedRunMetadata(reader.message());
    else if (reader.field === 9) body = { type: 'metaGraphDef', metaGraphDef: reader.byteString().slice() };
    else if (reader.field === 10) sourceWriter = readWriter(reader.message());
    else reader.skip();
  }
  return sourceWriter === undefined ? { wallTime, step, ...body } : { wallTime, step, sourceWriter, ...body };
}

function readStep(reader: ProtoReader): EventStep {
  // Up to 2^28 and without a bigint: nearly every step.
  const { bytes, offset, end } = reader;
  const stop = Math.min(end, offset + 4);
  for (let at = offset; at < stop; at++) if ((bytes[at] as number) < 0x80) return reader.int64Number();
  const step = reader.int64();
  const number = Number(step);
  return Number.isSafeInteger(number) ? number : step;
}

function readSummary(reader: ProtoReader, before: readonly SummaryValue[]): SummaryValue[] {
  const values = [...before];
  while (reader.next()) {
    if (reader.field === 1) values.push(readSummaryValue(reader.message()));
    else reader.skip();
  }
  return values;
}

function readLogMessage(reader: ProtoReader): Body {
  let level = 0;
  let message = '';
  while (reader.next()) {
    if (reader.field === 1) level = reader.int32();
    else if (reader.field === 2) message = reader.string();
    else reader.skip();
  }
  return { type: 'logMessage', level, message };
}

function readSessionLog(reader: ProtoReader): Body {
  let status = 0;
  let [checkpointPath, message] = ['', ''];
  while (reader.next()) {
    if (reader.field === 1) status = reader.int32();
    else if (reader.field === 2) checkpointPath = reader.string();
    else if (reader.field === 3) message = reader.string();
    else reader.skip();
  }
  return { type: 'sessionLog', status: SESSION_STATUSES[status] ?? 'unspecified', checkpointPath, message };
}

function readTaggedRunMetadata(reader: ProtoReader): Body {
  let tag = '';
  let runMetadata: Uint8Array = new Uint8Array(0);
  while (reader.next()) {
    if (reader.field === 1) tag = reader.string();
    else if (reader.field === 2) runMetadata = reader.byteString().slice();
    else reader.skip();
  }
  return { type: 'taggedRunMetadata', tag, runMetadata };
}

function readWriter(reader: ProtoReader): string {
  let writer = '';
  while (reader.next()) {
    if (reader.field === 1) writer = reader.string();
    else reader.skip();
  }
  return writer;
}
