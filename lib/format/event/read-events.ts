import { checkOptions } from '../../error/check-options.js';
import type { ByteSource } from '../byte-source.js';
import { checkSource } from '../check-source.js';
import { READ_RECORDS_OPTIONS, type ReadRecordsOptions, readRecords, type TfRecord } from '../tfrecord.js';
import { decodeEvent } from './decode-event.js';
import type { TfEvent } from './tf-event.js';

export interface EventAt {
  readonly event: TfEvent;
  /** Where the event's record begins, in bytes from the start of the file. */
  readonly offset: number;
  /** Where the next record begins. */
  readonly end: number;
}

/**
 * The events of one file, in order.
 *
 * @param source the whole file, or what there is of it with `{ tail: 'await' }`
 * @returns the offset behind the last whole record
 * @throws CorruptDataError as `readRecords` and `decodeEvent`; it names the file and the byte
 *
 * @example
 * for (const { event } of readEvents(bytesSource(name, bytes))) {
 *   if (event.type === 'summary') show(event.step, event.values);
 * }
 */
export function readEvents(
  source: ByteSource,
  options: ReadRecordsOptions = {},
): Generator<EventAt, number, undefined> {
  checkSource('readEvents(source)', source);
  checkOptions('readEvents(options)', options, READ_RECORDS_OPTIONS);
  return eventsOf(source, readRecords(source, options));
}

function* eventsOf(
  source: ByteSource,
  records: Generator<TfRecord, number, undefined>,
): Generator<EventAt, number, undefined> {
  for (let step = records.next(); ; step = records.next()) {
    if (step.done === true) return step.value;
    const { offset, end, data } = step.value;
    yield { event: decodeEvent(data, `${source.name}, byte ${offset}`), offset, end };
  }
}
