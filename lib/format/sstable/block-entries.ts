// Reads the blocks that block-builder.ts builds; the grammar is there.

import { VarintCursor } from '../varint.js';

const RESTART_BYTES = 4;

/** One entry of a block. */
export interface BlockEntry {
  /** Only valid until the next entry is asked for. */
  readonly key: Uint8Array;
  /** A view of the block. */
  readonly value: Uint8Array;
}

/**
 * The entries of a block in order. Everything is checked on the way: that no length leaves the block, that keys
 * increase, and that the restart points are those of entries with a whole key.
 *
 * @param block the contents, without trailer
 * @param where the block, for error texts
 * @throws CorruptDataError at the first fault
 */
export function* blockEntries(block: Uint8Array, where: string): Generator<BlockEntry, void, undefined> {
  const restarts = new RestartPoints(block, where);
  const cursor = new VarintCursor(block, 'sstable', where, 0, restarts.entriesEnd);
  let key = new Uint8Array(64);
  let keyBytes = 0;
  let isFirst = true;

  while (cursor.offset < cursor.end) {
    const at = cursor.offset;
    const shared = cursor.number();
    const unshared = cursor.number();
    const valueBytes = cursor.number();
    const tailAt = cursor.offset;
    if (shared > keyBytes) throw cursor.corrupt(`entry at ${at} shares more than the key before it has`);
    if (unshared + valueBytes > cursor.end - tailAt) throw cursor.corrupt(`entry at ${at} runs past the block`);
    if (restarts.isAt(at) && shared !== 0)
      throw cursor.corrupt(`entry at ${at} is a restart point without a whole key`);
    // The shared bytes are equal by nature: the order is decided by what follows them.
    if (!isFirst && !isBehind(key, keyBytes, block, tailAt, shared, unshared)) {
      throw cursor.corrupt(`entry at ${at}: keys out of order`);
    }

    keyBytes = shared + unshared;
    if (keyBytes > key.length) {
      const grown = new Uint8Array(keyBytes * 2);
      grown.set(key.subarray(0, shared));
      key = grown;
    }
    for (let i = 0; i < unshared; i++) key[shared + i] = block[tailAt + i] as number;
    cursor.offset = tailAt + unshared + valueBytes;
    isFirst = false;
    yield { key: key.subarray(0, keyBytes), value: block.subarray(tailAt + unshared, cursor.offset) };
  }
  restarts.finish();
}

function isBehind(
  key: Uint8Array,
  keyBytes: number,
  block: Uint8Array,
  tailAt: number,
  shared: number,
  unshared: number,
): boolean {
  const end = Math.min(keyBytes - shared, unshared);
  for (let i = 0; i < end; i++) {
    const difference = (block[tailAt + i] as number) - (key[shared + i] as number);
    if (difference !== 0) return difference > 0;
  }
  return shared + unshared > keyBytes;
}

/** The restart array at a block's end, checked off as its entries go by. */
class RestartPoints {
  readonly entriesEnd: number;
  private readonly view: DataView;
  private readonly count: number;
  private next = 0;

  constructor(
    block: Uint8Array,
    private readonly where: string,
  ) {
    this.view = new DataView(block.buffer, block.byteOffset, block.length);
    const countAt = block.length - RESTART_BYTES;
    this.count = countAt < 0 ? 0 : this.view.getUint32(countAt, true);
    if (this.count === 0 || this.count > countAt / RESTART_BYTES) throw this.corrupt(`${this.count} restart points`);
    this.entriesEnd = countAt - this.count * RESTART_BYTES;
    if (this.offset(0) !== 0) throw this.corrupt('the first restart point is not at 0');
    if (this.entriesEnd === 0) this.next = 1;
  }

  isAt(offset: number): boolean {
    if (this.next >= this.count || this.offset(this.next) !== offset) return false;
    this.next++;
    return true;
  }

  finish(): void {
    if (this.next < this.count) throw this.corrupt(`restart point at ${this.offset(this.next)} is at no entry`);
  }

  private offset(index: number): number {
    return this.view.getUint32(this.entriesEnd + index * RESTART_BYTES, true);
  }

  private corrupt(fault: string): Error {
    return new VarintCursor(new Uint8Array(0), 'sstable', this.where).corrupt(fault);
  }
}
