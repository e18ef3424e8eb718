// Builds bundles from raw parts, sound or not, without any code of the library: what it gets wrong must not be wrong
// here in the same way.

import { crc32c } from '@node-rs/crc32';
import type { ByteSource } from '../../../lib/format/byte-source.js';

export type Bytes = Uint8Array;

export function bytes(...parts: (Bytes | string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))));
}

export function varint(value: number | bigint): Buffer {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 127n) | 128);
  }
}

export function fixed32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function masked(data: Bytes): number {
  const crc = BigInt(crc32c(Buffer.from(data)));
  return Number((((crc >> 15n) | ((crc << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
}

// Protobuf fields: `int` of wire type 0, `message` of 2, `word` of 5.

export function int(field: number, value: number | bigint): Buffer {
  return bytes(varint(field * 8), varint(value));
}

export function message(field: number, ...parts: Bytes[]): Buffer {
  const content = bytes(...parts);
  return bytes(varint(field * 8 + 2), varint(content.length), content);
}

export function word(field: number, value: number): Buffer {
  return bytes(varint(field * 8 + 5), fixed32(value));
}

export interface RawEntry {
  readonly dtype?: number;
  readonly shape?: readonly (number | bigint)[];
  readonly shard?: number;
  readonly offset?: number | bigint;
  readonly size?: number | bigint;
  readonly crc?: number | undefined;
  /** Fields behind the others. */
  readonly extra?: Bytes;
  /** Each a list of extents; a number alone is a start, for the whole dimension give none. */
  readonly slices?: readonly (readonly (readonly [number, number] | readonly [])[])[];
}

export function entry({ dtype, shape, shard, offset, size, crc, extra, slices = [] }: RawEntry): Buffer {
  return bytes(
    dtype === undefined ? [] : int(1, dtype),
    shape === undefined ? [] : message(2, ...shape.map((dim) => message(2, dim === 0 ? bytes() : int(1, dim)))),
    shard === undefined ? [] : int(3, shard),
    offset === undefined || offset === 0 ? [] : int(4, offset),
    size === undefined || size === 0 ? [] : int(5, size),
    crc === undefined ? [] : word(6, crc),
    ...slices.map((slice) =>
      message(
        7,
        ...slice.map(([start = 0, length]) =>
          length === undefined ? message(1) : message(1, start === 0 ? bytes() : int(1, start), int(2, length)),
        ),
      ),
    ),
    extra ?? [],
  );
}

/** The key of a slice; extents as in {@link RawEntry}, small numbers only. */
export function sliceKey(name: string, slice: readonly (readonly [number, number] | readonly [])[]): Buffer {
  const escaped = [...Buffer.from(name)].flatMap((byte) =>
    byte === 0 ? [0, 0xff] : byte === 0xff ? [0xff, 0] : [byte],
  );
  const signed = (value: number) => {
    if (value < -64 || value > 63) throw new RangeError(`${value} is not small`);
    return value < 0 ? 0x80 + value : 0x80 | value;
  };
  const extents = slice.flatMap(([start = 0, length = -1]) => [signed(start), signed(length)]);
  return bytes([0], escaped, [0, 1], slice.length === 0 ? [0] : [1, slice.length], extents);
}

export type Row = readonly [key: Bytes | string, value: Bytes];

export interface BlockOptions {
  readonly restartEvery?: number;
  /** Instead of the restart offsets. */
  readonly restarts?: readonly number[];
  /** Instead of their number. */
  readonly restartCount?: number;
  /** Overrides what an entry says of itself. */
  readonly lie?: (index: number) => { shared?: number; valueLength?: number } | undefined;
}

/** The contents of a block, without its trailer. */
export function block(
  rows: readonly Row[],
  { restartEvery = 16, restarts, restartCount, lie }: BlockOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  let length = 0;
  let last = Buffer.alloc(0);
  for (const [i, [rawKey, value]] of rows.entries()) {
    const key = Buffer.from(rawKey);
    let shared = 0;
    if (i % restartEvery === 0) offsets.push(length);
    else while (shared < Math.min(key.length, last.length) && key[shared] === last[shared]) shared++;
    const lies = lie?.(i);
    const part = bytes(
      varint(lies?.shared ?? shared),
      varint(key.length - shared),
      varint(lies?.valueLength ?? value.length),
      key.subarray(shared),
      value,
    );
    parts.push(part);
    length += part.length;
    last = key;
  }
  const points = restarts ?? (offsets.length === 0 ? [0] : offsets);
  return bytes(...parts, ...points.map(fixed32), fixed32(restartCount ?? points.length));
}

export interface TableOptions {
  readonly type?: number;
  /** What the index says of each block. */
  readonly handle?: (offset: number, size: number) => Bytes;
  /** What the footer says of the metaindex and the index. */
  readonly footerHandles?: (metaindex: Bytes, index: Bytes) => Bytes;
}

/** A table of these blocks; each comes with the key that the index has for it. */
export function table(
  blocks: readonly (readonly [contents: Bytes, indexKey: Bytes | string])[],
  { type = 0, handle = (offset, size) => bytes(varint(offset), varint(size)), footerHandles }: TableOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const put = (contents: Bytes, blockType: number): readonly [number, number] => {
    const body = bytes(contents, [blockType]);
    const place = [length, contents.length] as const;
    parts.push(bytes(body, fixed32(masked(body))));
    length += body.length + 4;
    return place;
  };
  const index = blocks.map(([contents, key]): Row => [key, handle(...put(contents, type))]);
  const meta = put(block([]), 0);
  const top = put(block(index, { restartEvery: 1 }), 0);
  const plain = ([offset, size]: readonly [number, number]) => bytes(varint(offset), varint(size));
  const handles = footerHandles?.(plain(meta), plain(top)) ?? bytes(plain(meta), plain(top));
  const footer = bytes(handles, Buffer.alloc(Math.max(0, 40 - handles.length)), Buffer.from('57fb808b247547db', 'hex'));
  return bytes(...parts, footer);
}

export const HEADER = bytes(int(1, 1), message(3, int(1, 1)));

export interface RawFiles {
  readonly index: Bytes | undefined;
  readonly data: ReadonlyMap<string, Bytes>;
}

/** A source that fails on any read outside of it, as a file would. */
export function guardedSource(name: string, content: Bytes): ByteSource {
  return {
    name,
    sizeBytes: content.length,
    read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= content.length)) {
        throw new Error(`asked for ${length} bytes at ${offset} of the ${content.length} of ${name}`);
      }
      return content.subarray(offset, offset + length);
    },
  };
}
