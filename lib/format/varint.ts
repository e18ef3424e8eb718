// Varints: seven bits a byte, lowest first, the high bit set on all but the last. LevelDB's and protobuf's are the same.
//
// Source: LevelDB, util/coding.h; protobuf, "Encoding".

import { CorruptDataError } from '../error/corrupt-data-error.js';

/** The longest varint of 64 bits. */
export const MAX_VARINT_BYTES = 10;

/** The bytes that `value`, a whole number from 0 to 2^53 - 1, takes as a varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/**
 * Puts `value`, a whole number from 0 to 2^53 - 1, into `target` at `offset`.
 *
 * REQUIRES: room for it.
 *
 * @returns the offset behind it
 */
export function putVarint(target: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let at = offset;
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80);
  }
  target[at++] = rest;
  return at;
}

/** Reads varints from `bytes` one after another; `offset` moves behind what was read. */
export class VarintCursor {
  constructor(
    readonly bytes: Uint8Array,
    /** The format and the place, for error texts. */
    readonly format: string,
    readonly where: string,
    public offset = 0,
    readonly end: number = bytes.length,
  ) {}

  /**
   * The varint at `offset` as an unsigned 64-bit number.
   *
   * @throws CorruptDataError if the bytes end in it, or it is longer than ten bytes or exceeds 64 bits
   */
  big(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.offset >= this.end) throw this.corrupt('varint runs past the end');
      const byte = this.bytes[this.offset++] as number;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        if (value > 0xffff_ffff_ffff_ffffn) break;
        return value;
      }
    }
    throw this.corrupt('varint too long');
  }

  /**
   * The varint at `offset` as a whole number up to 2^53 - 1.
   *
   * @throws CorruptDataError if it is larger, and as {@link big}
   */
  number(): number {
    // Up to seven bytes, 49 bits, need no BigInt.
    const { bytes } = this;
    const stop = Math.min(this.end, this.offset + 7);
    let value = 0;
    let scale = 1;
    for (let at = this.offset; at < stop; at++) {
      const byte = bytes[at] as number;
      if (byte < 0x80) {
        this.offset = at + 1;
        return value + byte * scale;
      }
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    const big = this.big();
    if (big > BigInt(Number.MAX_SAFE_INTEGER)) throw this.corrupt(`number ${big} is over 2^53`);
    return Number(big);
  }

  /** An error about the data at hand. */
  corrupt(fault: string): CorruptDataError {
    return new CorruptDataError(this.format, this.where, fault);
  }
}
