import { checkOptions, type OptionNames } from '../error/check-options.js';
import { checkSource } from './check-source.js';
// TFRecord framing. All integers are little-endian.
//
//     file   := record*
//     record :=
//       length:      uint64           // bytes of data, 0 allowed
//       length_crc:  uint32           // masked CRC-32C of the 8 bytes of length
//       data:        uint8[length]
//       data_crc:    uint32           // masked CRC-32C of data
//
// Source: TensorFlow, tensorflow/core/lib/io/record_writer.h. Prose: docs/formats/tfrecord.md.

import { CorruptDataError } from '../error/corrupt-data-error.js';
import { TruncatedDataError } from '../error/truncated-data-error.js';
import type { ByteSource } from './byte-source.js';
import { crc32c, maskCrc, maskedCrc32c } from './crc32c.js';
import { ProtoWriter } from './protobuf/proto-writer.js';

const LENGTH_BYTES = 8;
const HEADER_BYTES = LENGTH_BYTES + 4;
const FOOTER_BYTES = 4;
// A protobuf message, which is what records hold, is limited to 2 GiB less one byte.
const MAX_DATA_BYTES = 0x7fff_ffff;
const READ_AHEAD_BYTES = 256 * 1024;

/** How many bytes a record is longer than its data. */
export const RECORD_OVERHEAD_BYTES = HEADER_BYTES + FOOTER_BYTES;

export interface TfRecord {
  /** Where the record begins, in bytes from the start of the file. */
  readonly offset: number;
  /** Where the next record begins; the place to go on from when the file has grown. */
  readonly end: number;
  /** The record's bytes; may be a view of the source. */
  readonly data: Uint8Array;
}

export interface ReadRecordsOptions {
  /** Where to begin: 0 (default) or the `end` of a record. */
  readonly fromOffset?: number | undefined;
  /**
   * What to do where the file ends inside a record: `refuse` (default) throws, `await` ends the iteration, for in a
   * file that is still being written the rest has not arrived yet. A broken record throws in either case.
   */
  readonly tail?: 'refuse' | 'await' | undefined;
}

export const READ_RECORDS_OPTIONS: OptionNames<ReadRecordsOptions> = { fromOffset: true, tail: true };

/** Frames `data` as one record, `data.length + 16` bytes long. */
export function encodeRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new RecordWriter(data.length + RECORD_OVERHEAD_BYTES);
  writer.record(data);
  return writer.copy();
}

/**
 * Appends records to a growing buffer. The data of a record is written in place, with the methods for protobuf fields,
 * between {@link beginRecord} and {@link endRecord}.
 */
export class RecordWriter extends ProtoWriter {
  /** Appends a record that holds `data`. */
  record(data: Uint8Array): void {
    const start = this.beginRecord();
    this.putBytes(data);
    this.endRecord(start);
  }

  /** Leaves room for a header. @returns where the data begins, for {@link endRecord} */
  beginRecord(): number {
    this.reserve(HEADER_BYTES);
    this.length += HEADER_BYTES;
    return this.length;
  }

  /** Fills in the header and the checksums of the record whose data was written since {@link beginRecord}. */
  endRecord(start: number): void {
    const end = this.length;
    const header = start - HEADER_BYTES;
    const length = end - start;
    if (length > MAX_DATA_BYTES) {
      this.length = header;
      throw new RangeError(`endRecord(start): expected at most ${MAX_DATA_BYTES} bytes of data, received ${length}`);
    }
    this.reserve(FOOTER_BYTES);
    const { bytes, view } = this;
    view.setUint32(header, length, true);
    view.setUint32(header + 4, 0, true);
    view.setUint32(header + LENGTH_BYTES, maskCrc(crc32c(bytes.subarray(header, header + LENGTH_BYTES))), true);
    view.setUint32(end, maskCrc(crc32c(bytes.subarray(start, end))), true);
    this.length = end + FOOTER_BYTES;
  }

  /** Takes back a record that was begun and not ended. */
  dropRecord(start: number): void {
    this.length = start - HEADER_BYTES;
  }
}

/**
 * The records of a file, one after another, both checksums of each checked. No length is believed before it is known to
 * lie within the file, whose size is taken once at the start.
 *
 * @returns the offset behind the last whole record
 * @throws CorruptDataError for a wrong checksum or a length that no record can have
 * @throws TruncatedDataError if the file ends inside a record and `tail` is `refuse`
 * @throws RangeError if `fromOffset` lies outside the file
 *
 * @example
 * for (const { data } of readRecords(bytesSource('events', bytes))) decodeEvent(data);
 */
export function readRecords(
  source: ByteSource,
  options: ReadRecordsOptions = {},
): Generator<TfRecord, number, undefined> {
  checkSource('readRecords(source)', source);
  checkOptions('readRecords(options)', options, READ_RECORDS_OPTIONS);
  const { fromOffset = 0, tail = 'refuse' } = options;
  const size = source.sizeBytes;
  if (!Number.isSafeInteger(fromOffset) || fromOffset < 0 || fromOffset > size) {
    throw new RangeError(`readRecords(fromOffset): expected a whole number from 0 to ${size}, received ${fromOffset}`);
  }
  return recordsOf(source, fromOffset, tail);
}

function* recordsOf(
  source: ByteSource,
  fromOffset: number,
  tail: 'await' | 'refuse',
): Generator<TfRecord, number, undefined> {
  const size = source.sizeBytes;
  const window = new ReadWindow(source, size);
  let offset = fromOffset;
  while (offset < size) {
    const where = `${source.name}, byte ${offset}`;
    const left = size - offset;
    if (left < HEADER_BYTES) {
      if (tail === 'await') return offset;
      throw new TruncatedDataError('tfrecord', where, `file ends ${left} bytes into a record`);
    }
    const length = readLength(window.take(offset, HEADER_BYTES), offset, where);
    const end = offset + length + RECORD_OVERHEAD_BYTES;
    if (end > size) {
      if (tail === 'await') return offset;
      throw new TruncatedDataError('tfrecord', where, `file ends ${left} bytes into a record of ${end - offset}`);
    }
    const body = window.take(offset + HEADER_BYTES, length + FOOTER_BYTES);
    const data = body.subarray(0, length);
    if (maskedCrc32c(data) !== uint32(body, length)) {
      throw new CorruptDataError('tfrecord', where, `data checksum mismatch in ${length} bytes`);
    }
    yield { offset, end, data };
    offset = end;
  }
  return offset;
}

function readLength(header: Uint8Array, offset: number, where: string): number {
  const length = uint32(header, 0);
  const high = uint32(header, 4);
  if (maskedCrc32c(header.subarray(0, LENGTH_BYTES)) !== uint32(header, LENGTH_BYTES)) {
    const isGzip = offset === 0 && header[0] === 0x1f && header[1] === 0x8b;
    const hint = isGzip ? 'the file is compressed with gzip; decompress it first' : 'is this a TFRecord file?';
    throw new CorruptDataError('tfrecord', where, 'length checksum mismatch', offset === 0 ? { hint } : {});
  }
  if (high !== 0 || length > MAX_DATA_BYTES) {
    const claimed = (BigInt(high) << 32n) | BigInt(length);
    throw new CorruptDataError('tfrecord', where, `length ${claimed} is over the limit of ${MAX_DATA_BYTES} bytes`);
  }
  return length;
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}

/** Reads ahead, so that a file of small records does not take two reads a record. */
class ReadWindow {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly size: number,
  ) {}

  take(offset: number, length: number): Uint8Array {
    let at = offset - this.start;
    if (at < 0 || at + length > this.bytes.length) {
      const wanted = Math.min(Math.max(length, READ_AHEAD_BYTES), this.size - offset);
      this.bytes = this.source.read(offset, wanted);
      this.start = offset;
      at = 0;
    }
    return this.bytes.subarray(at, at + length);
  }
}
