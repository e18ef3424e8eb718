import type { ByteSource } from './byte-source.js';

/** Read at a time; it stays in the processor's cache until it is used up. */
const WINDOW_BYTES = 256 << 10;
const NOTHING = new Uint8Array(0);
/** From here on a read of its own costs less than a copy. */
const DIRECT_BYTES = 32 << 10;

/**
 * The same bytes for somebody who reads them from front to back: small pieces are taken out of a larger one, for a call
 * of the system costs more than what most of them are. Out of order it is slow.
 *
 * What `read` returns is only valid until the next call.
 */
export function readAhead(source: ByteSource): ByteSource {
  const { name, sizeBytes } = source;
  let memory: Uint8Array | undefined;
  let window: Uint8Array = NOTHING;
  let start = 0;

  const read = (offset: number, length: number): Uint8Array => {
    if (length >= DIRECT_BYTES) return source.read(offset, length);
    if (offset < start || offset + length > start + window.length) {
      const count = Math.min(WINDOW_BYTES, sizeBytes - offset);
      // First none: a read that fails leaves nothing behind.
      window = NOTHING;
      if (source.readInto === undefined) {
        window = source.read(offset, count);
      } else {
        memory ??= new Uint8Array(Math.min(WINDOW_BYTES, sizeBytes));
        const target = memory.subarray(0, count);
        source.readInto(offset, target);
        window = target;
      }
      start = offset;
    }
    return window.subarray(offset - start, offset - start + length);
  };

  return {
    name,
    sizeBytes,
    read,
    readInto(offset, into) {
      if (into.length >= DIRECT_BYTES && source.readInto !== undefined) source.readInto(offset, into);
      else into.set(read(offset, into.length));
    },
  };
}
