// A block: entries in the order of their keys, each without the bytes that it shares with the key before it. Every so
// many entries a key is stored whole, a restart point, so that a reader can seek.
//
//     block := entry* restart* restart_count: fixed32
//     entry :=
//       shared_bytes:   varint32            // with the key before; 0 at a restart point
//       unshared_bytes: varint32
//       value_bytes:    varint32
//       key_tail:       uint8[unshared_bytes]
//       value:          uint8[value_bytes]
//     restart := fixed32                    // an entry's offset in the block; the first is always 0
//
// Source: LevelDB, table/block_builder.cc. Read by block-entries.ts.

import { ByteWriter } from '../byte-writer.js';
import { sharedPrefixBytes } from './compare-bytes.js';

const RESTART_BYTES = 4;
const NO_KEY = new Uint8Array(0);

/** Builds one block after another in the same memory. */
export class BlockBuilder {
  private readonly contents = new ByteWriter();
  private readonly restarts: number[] = [0];
  private lastKey: Uint8Array = NO_KEY;
  private sinceRestart = 0;

  /** @param restartInterval entries from one restart point to the next */
  constructor(private readonly restartInterval: number) {}

  get isEmpty(): boolean {
    return this.contents.length === 0;
  }

  /** The size that the block would have if it were finished now. */
  get sizeBytes(): number {
    return this.contents.length + this.restarts.length * RESTART_BYTES + RESTART_BYTES;
  }

  /** REQUIRES: `key` follows every key that was added since the last {@link finish}; it is kept, so it must not change. */
  add(key: Uint8Array, value: Uint8Array): void {
    const { contents } = this;
    let shared = 0;
    if (this.sinceRestart < this.restartInterval) {
      shared = sharedPrefixBytes(this.lastKey, key);
    } else {
      this.restarts.push(contents.length);
      this.sinceRestart = 0;
    }
    contents.putVarint(shared);
    contents.putVarint(key.length - shared);
    contents.putVarint(value.length);
    contents.putBytes(shared === 0 ? key : key.subarray(shared));
    contents.putBytes(value);
    this.lastKey = key;
    this.sinceRestart++;
  }

  /** Puts the block into `target` and starts the next one. */
  finish(target: ByteWriter): void {
    target.putBytes(this.contents.written());
    for (const restart of this.restarts) target.putFixed32(restart);
    target.putFixed32(this.restarts.length);

    this.contents.reset();
    this.restarts.length = 1;
    this.lastKey = NO_KEY;
    this.sinceRestart = 0;
  }
}
