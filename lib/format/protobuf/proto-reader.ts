import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { VarintCursor } from '../varint.js';

const WIRE_TYPES: readonly string[] = ['varint', '64 bits', 'length-delimited', 'group', 'group', '32 bits'];
const MAX_TAG = 0xffff_ffff;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a protobuf message field by field, strictly: nothing outside its bounds is looked at, no length is believed,
 * and nothing is allocated for one. It goes no deeper than its caller asks, so depth cannot be driven by the data.
 *
 * {@link next} moves to a field; then exactly one of the typed methods or {@link skip} must take its value. A method
 * whose wire type is not the field's throws. Unknown fields are for {@link skip}; groups, which proto3 does not have,
 * are refused. Where a singular field comes twice, the last one counts: simply assign.
 *
 * Every method throws `CorruptDataError`, also for a message that ends too early: the framing around it said where it
 * ends.
 *
 * @example
 * for (const reader = new ProtoReader(bytes, 'event', 'byte 80'); reader.next(); ) {
 *   if (reader.field === 2) step = reader.int64();
 *   else reader.skip();
 * }
 *
 * @see proto-writer.ts for the grammar
 */
export class ProtoReader extends VarintCursor {
  /** The number of the field at hand. */
  field = 0;
  wireType = 0;
  private dataView: DataView | undefined;

  /** Moves to the next field; `false` at the end of the message. */
  next(): boolean {
    if (this.offset >= this.end) return false;
    const tag = this.number();
    if (tag > MAX_TAG || tag < 8) throw this.corrupt(`tag ${tag} has no valid field number`);
    this.field = Math.floor(tag / 8);
    this.wireType = tag & 7;
    if (this.wireType === 3 || this.wireType === 4) throw this.corrupt(`field ${this.field} is a group`);
    if (this.wireType > 5) throw this.corrupt(`field ${this.field} has wire type ${this.wireType}`);
    return true;
  }

  /** Passes over the value of a field that is not known. */
  skip(): void {
    if (this.wireType === 0) this.big();
    else if (this.wireType === 1) this.advance(8);
    else if (this.wireType === 2) this.advance(this.number());
    else this.advance(4);
  }

  uint64(): bigint {
    this.expect(0);
    return this.big();
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** An int64 as a number; refused if a number cannot hold it. */
  int64Number(): number {
    this.expect(0);
    return this.signedNumber();
  }

  /** An int32 or an enum. */
  int32(): number {
    const value = this.int64Number();
    if (value !== (value | 0)) throw this.corrupt(`field ${this.field} is ${value}: no int32`);
    return value;
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  fixed32(): number {
    this.expect(5);
    const at = this.advance(4);
    const { bytes } = this;
    return (
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)) >>>
      0
    );
  }

  fixed64(): bigint {
    this.expect(1);
    const at = this.advance(8);
    return this.view().getBigUint64(at, true);
  }

  float(): number {
    this.expect(5);
    const at = this.advance(4);
    return this.view().getFloat32(at, true);
  }

  double(): number {
    this.expect(1);
    const at = this.advance(8);
    return this.view().getFloat64(at, true);
  }

  /** A view of the message's bytes. */
  byteString(): Uint8Array {
    this.expect(2);
    const length = this.number();
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  string(): string {
    const bytes = this.byteString();
    const short = shortAscii(bytes);
    if (short !== undefined) return short;
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new CorruptDataError(this.format, this.where, `field ${this.field} is not UTF-8`, { cause });
    }
  }

  /** A reader over the message in this field. @param where the place, for error texts; default: this reader's */
  message(where: string = this.where): ProtoReader {
    this.expect(2);
    const length = this.number();
    const at = this.advance(length);
    return new ProtoReader(this.bytes, this.format, where, at, at + length);
  }

  /** Adds the values of a repeated float field to `values`, be it packed or not. */
  floats(values: number[]): void {
    if (this.wireType !== 2) return void values.push(this.float());
    const view = this.view();
    for (let [at, stop] = this.packed(4); at < stop; at += 4) values.push(view.getFloat32(at, true));
  }

  /** As {@link floats}, for doubles. */
  doubles(values: number[]): void {
    if (this.wireType !== 2) return void values.push(this.double());
    const view = this.view();
    for (let [at, stop] = this.packed(8); at < stop; at += 8) values.push(view.getFloat64(at, true));
  }

  /** As {@link floats}, for int32, int64, uint64 (as if it were signed) and enums. */
  int64s(values: bigint[]): void {
    if (this.wireType !== 2) return void values.push(this.int64());
    for (const reader = this.message(); reader.offset < reader.end; ) values.push(BigInt.asIntN(64, reader.big()));
  }

  /** As {@link int64s}, for values that a number can hold; others are refused. */
  int64Numbers(values: number[]): void {
    if (this.wireType !== 2) return void values.push(this.int64Number());
    for (const reader = this.message(); reader.offset < reader.end; ) values.push(reader.signedNumber());
  }

  private signedNumber(): number {
    // Ten bytes are a negative number, which `number` would refuse.
    const { offset } = this;
    if (offset + 9 >= this.end || !this.hasTenBytes(offset)) return this.number();
    const value = BigInt.asIntN(64, this.big());
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.corrupt(`number ${value} is beyond 2^53`);
    return number;
  }

  private hasTenBytes(offset: number): boolean {
    for (let i = 0; i < 9; i++) if ((this.bytes[offset + i] as number) < 0x80) return false;
    return true;
  }

  private packed(width: number): [at: number, stop: number] {
    const length = this.number();
    const at = this.advance(length);
    if (length % width !== 0)
      throw this.corrupt(`field ${this.field} has ${length} packed bytes, no multiple of ${width}`);
    return [at, at + length];
  }

  private expect(wireType: number): void {
    if (this.wireType === wireType) return;
    throw this.corrupt(`field ${this.field} is ${WIRE_TYPES[this.wireType]}, expected ${WIRE_TYPES[wireType]}`);
  }

  /** Moves over `length` bytes; returns where they begin. */
  private advance(length: number): number {
    const at = this.offset;
    if (length > this.end - at) throw this.corrupt(`field ${this.field} runs past the end of its message`);
    this.offset = at + length;
    return at;
  }

  private view(): DataView {
    this.dataView ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.dataView;
  }
}

/** A fast path: for a few letters, which most names are, a call of the decoder costs ten times as much. */
function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > 24) return undefined;
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
