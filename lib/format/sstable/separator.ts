// Keys of the index block. They need not be keys of the table: it is enough that each is at least the last key of its
// block and less than the first key of the next. Between "the quick brown fox" and "the who" it is "the r".
//
// Source: LevelDB, util/comparator.cc, BytewiseComparatorImpl.

import { sharedPrefixBytes } from './compare-bytes.js';

/**
 * A key from `last` on and below `next`: `last` cut behind the first byte in which they differ, with this byte
 * incremented, where that stays below `next`; otherwise `last` itself.
 *
 * REQUIRES: `last < next`.
 */
export function shortestSeparator(last: Uint8Array, next: Uint8Array): Uint8Array {
  const at = sharedPrefixBytes(last, next);
  if (at >= last.length || at >= next.length) return last;
  const byte = last[at] as number;
  if (byte === 0xff || byte + 1 >= (next[at] as number)) return last;
  return cutAndIncrement(last, at);
}

/** A key from `last` on: `last` cut behind its first byte that is not ff, incremented; if there is none, `last`. */
export function shortSuccessor(last: Uint8Array): Uint8Array {
  const at = last.findIndex((byte) => byte !== 0xff);
  return at < 0 ? last : cutAndIncrement(last, at);
}

function cutAndIncrement(key: Uint8Array, at: number): Uint8Array {
  // Not `slice`, which on a Node buffer is a view.
  const cut = new Uint8Array(key.subarray(0, at + 1));
  cut[at] = (cut[at] as number) + 1;
  return cut;
}
