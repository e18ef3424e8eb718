// Protobuf's wire format: a message is a run of fields, each a tag and a value.
//
//     message := field*
//     field   := tag: varint           // number << 3 | wire type
//                value
//     value   := varint                // 0: int32, int64, uint64, bool, enum
//              | fixed64               // 1: fixed64, double
//              | length: varint, bytes // 2: string, bytes, message, packed numbers
//              | fixed32               // 5: fixed32, float
//
// Source: protobuf, "Encoding". Read by proto-reader.ts.

import { ByteWriter } from '../byte-writer.js';
import { putVarint, varintBytes } from '../varint.js';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Writes protobuf fields one after another into a growing buffer.
 *
 * Every call writes its field, a default value too: leaving out what proto3 leaves out is up to the caller, who knows
 * whether the field is in a `oneof`. Field numbers are trusted to lie in 1 to 2^29 - 1.
 *
 * @example
 * const writer = new ProtoWriter();
 * writer.double(1, wallTime);
 * const summary = writer.begin(5);
 * writer.string(1, 'loss');
 * writer.end(summary);
 * const event = writer.copy();
 */
export class ProtoWriter extends ByteWriter {
  /** A field of type int32, int64, uint64 or enum; numbers are whole and safe. */
  int64(field: number, value: number | bigint): void {
    this.tag(field, VARINT);
    this.putVarint64(value);
  }

  bool(field: number, value: boolean): void {
    this.tag(field, VARINT);
    this.putByte(value ? 1 : 0);
  }

  fixed32(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.putFixed32(value);
  }

  fixed64(field: number, value: number | bigint): void {
    this.tag(field, FIXED64);
    this.putFixed64(value);
  }

  float(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.putFloat(value);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.putDouble(value);
  }

  byteString(field: number, value: Uint8Array): void {
    this.tag(field, LENGTH_DELIMITED);
    this.putVarint(value.length);
    this.putBytes(value);
  }

  /** A lone surrogate becomes U+FFFD, for protobuf's strings are UTF-8. */
  string(field: number, value: string): void {
    const start = this.begin(field);
    this.putText(value);
    this.end(start);
  }

  packedFloats(field: number, values: ArrayLike<number>): void {
    this.tag(field, LENGTH_DELIMITED);
    this.putVarint(values.length * 4);
    this.reserve(values.length * 4);
    for (let i = 0; i < values.length; i++) this.putFloat(values[i] as number);
  }

  packedDoubles(field: number, values: ArrayLike<number>): void {
    this.tag(field, LENGTH_DELIMITED);
    this.putVarint(values.length * 8);
    this.reserve(values.length * 8);
    for (let i = 0; i < values.length; i++) this.putDouble(values[i] as number);
  }

  packedInt64s(field: number, values: ArrayLike<number | bigint>): void {
    const start = this.begin(field);
    for (let i = 0; i < values.length; i++) this.putVarint64(values[i] as number | bigint);
    this.end(start);
  }

  /**
   * Starts a field whose value is a message, or anything else that a length precedes: what is written from now on
   * belongs to it until {@link end} is called with the result. These may be nested.
   */
  begin(field: number): number {
    this.tag(field, LENGTH_DELIMITED);
    this.putByte(0);
    return this.length;
  }

  /** Ends what {@link begin} started. */
  end(start: number): void {
    const length = this.length - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    // One byte was left for the length. It needs more, so the value moves up.
    const extra = varintBytes(length) - 1;
    this.reserve(extra);
    this.bytes.copyWithin(start + extra, start, start + length);
    putVarint(this.bytes, start - 1, length);
    this.length += extra;
  }

  private tag(field: number, wireType: number): void {
    if (field < 16) this.putByte((field << 3) | wireType);
    else this.putVarint(field * 8 + wireType);
  }
}
