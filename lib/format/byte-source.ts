import { describeReceived } from '../error/describe-received.js';

/**
 * Bytes that a format reads by position: a file, a buffer. Formats never open files; they are handed one of these.
 */
export interface ByteSource {
  /** For error texts: the file's name without its folder. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * Exactly `length` bytes from `offset`. The result may be a view; the caller must not write to it.
   *
   * REQUIRES: `0 <= offset`, `0 <= length`, `offset + length <= sizeBytes`: the reader checks before it asks, so that
   * no length out of a file is ever believed.
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * As {@link read}, but into memory that is there already: `into.length` bytes from `offset`. A source that can do
   * this, such as a file, spares its reader a copy.
   */
  readInto?(offset: number, into: Uint8Array): void;
}

/** Reads from bytes in memory; `read` returns views. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`bytesSource(bytes): expected a Uint8Array, received ${describeReceived(bytes)}`);
  }
  return {
    name,
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
