const FIRST_CAPACITY = 256;
const encoder = new TextEncoder();

/**
 * A buffer that grows and is written from the front: the bytes go in place, with no object a value.
 *
 * All numbers are little-endian. Values are trusted to be in range: a number that is too large is cut to its low bits.
 */
export class ByteWriter {
  /** How many bytes were written. Lowering it takes back the last ones. */
  length = 0;
  protected bytes: Uint8Array<ArrayBuffer>;
  protected view: DataView;

  constructor(capacityBytes = FIRST_CAPACITY) {
    this.bytes = new Uint8Array(capacityBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written from `start` on, as a view: the next write may overwrite it or leave it behind. */
  written(start = 0): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(start, this.length);
  }

  /** What was written, as a copy of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.length = 0;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  putByte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  putBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** @param value a whole number from 0 to 2^53 - 1 */
  putVarint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let at = this.length;
    let rest = value;
    while (rest >= 0x80000000) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** A 64-bit number in two's complement as a varint: ten bytes if it is negative. */
  putVarint64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.putVarint(value);
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  putFixed32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  putFixed64(value: number | bigint): void {
    this.reserve(8);
    if (typeof value === 'number') {
      this.view.setUint32(this.length, value, true);
      this.view.setUint32(this.length + 4, Math.floor(value / 0x1_0000_0000), true);
    } else {
      this.view.setBigUint64(this.length, value, true);
    }
    this.length += 8;
  }

  putFloat(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  putDouble(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** `text` in UTF-8, a lone surrogate as U+FFFD; its length does not precede it. */
  putText(text: string): void {
    // ASCII first, in place: `encodeInto` costs two objects a call.
    this.reserve(text.length * 3);
    const { bytes, length } = this;
    let i = 0;
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) break;
      bytes[length + i] = unit;
    }
    this.length += i;
    if (i < text.length) this.length += encoder.encodeInto(text.slice(i), bytes.subarray(this.length)).written;
  }
}
