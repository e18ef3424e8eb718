// The key under which one slice of a partitioned tensor is stored.
//
//     slice_key :=
//       00                               // the number 0
//       name, escaped                    // 00 as 00 ff, ff as ff 00
//       00 01                            // its end
//       rank:   length: uint8, uint8[length]   // big-endian, without leading zeros
//       extent: start: signed, length: signed  // rank times; a whole dimension is 0, -1
//
// `signed` has n bytes, n the number of leading ones (of a negative number: zeros) in front of its 7n - 1 bits, so
// that byte order is the order of numbers: 0 is 80, 63 is bf, 64 is c0 40, -1 is 7f.
//
// Source: TensorFlow, tensorflow/core/util/saved_tensor_slice_util.cc, tensorflow/core/lib/strings/ordered_code.cc.

import type { SliceExtent, TensorSlice } from './tensor-slice.js';

const MAX_RANK = 254;

export interface SliceKey {
  /** The tensor's name, in bytes. */
  readonly name: Uint8Array;
  readonly slice: TensorSlice;
}

/** What a key says, or `undefined` if it is none of a slice: a tensor's name may begin with a zero byte too. */
export function decodeSliceKey(key: Uint8Array): SliceKey | undefined {
  if (key[0] !== 0) return undefined;
  const end = endOfName(key);
  if (end === undefined) return undefined;
  // The rank takes one byte, or none if it is 0.
  const rankBytes = key[end] as number;
  const rank = rankBytes === 0 ? 0 : (key[end + 1] as number);
  if (rankBytes > 1 || (rankBytes === 1 && !(rank > 0)) || rank > MAX_RANK) return undefined;

  const slice: SliceExtent[] = [];
  let at = end + 1 + rankBytes;
  for (let i = 0; i < rank; i++) {
    const start = decodeSigned(key, at);
    const length = start && decodeSigned(key, start.end);
    if (start === undefined || length === undefined) return undefined;
    slice.push({ start: start.value, length: length.value === -1 ? undefined : length.value });
    at = length.end;
  }
  return at === key.length ? { name: unescapeName(key.subarray(1, end - 2)), slice } : undefined;
}

/** The offset behind the name's end mark. */
function endOfName(key: Uint8Array): number | undefined {
  for (let at = 1; at + 2 < key.length; at++) {
    const byte = key[at];
    if (byte !== 0 && byte !== 0xff) continue;
    const next = key[++at];
    if (byte === 0 && next === 1) return at + 1;
    if (next !== (byte === 0 ? 0xff : 0)) return undefined;
  }
  return undefined;
}

function unescapeName(escaped: Uint8Array): Uint8Array {
  const name = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    const byte = escaped[at] as number;
    name[length++] = byte;
    if (byte === 0 || byte === 0xff) at++;
  }
  return name.subarray(0, length);
}

/** A signed number of up to seven bytes, 48 bits: tensors are not larger. */
function decodeSigned(key: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = key[at];
  if (first === undefined) return undefined;
  const flip = first < 0x80 ? 0xff : 0;
  const head = first ^ flip;
  const bytes = Math.clz32(~(head << 24));
  if (bytes > 7 || at + bytes > key.length) return undefined;
  let value = head & (0xff >>> (bytes + 1));
  for (let i = 1; i < bytes; i++) value = value * 0x100 + ((key[at + i] as number) ^ flip);
  // A number in more bytes than it needs would be a second key of the same slice.
  if (bytes > 1 && value < 2 ** (7 * (bytes - 1) - 1)) return undefined;
  return { value: flip === 0 ? value : -value - 1, end: at + bytes };
}
