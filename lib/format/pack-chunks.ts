/** Fewer, larger writes: one call for each small tensor costs five times as much. */
const BUFFER_BYTES = 1 << 20;
/** From here on a copy costs more than a write of its own. */
const DIRECT_BYTES = 512 << 10;
const PIECE_BYTES = 2 << 20;

/**
 * Joins small pieces into chunks of about 1 MiB and cuts large ones into views of up to 2 MiB.
 *
 * A chunk is only valid until the next one is asked for: small pieces share one reused buffer.
 */
export function* packChunks(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let buffer: Uint8Array | undefined;
  let used = 0;
  for (const piece of pieces) {
    const isDirect = piece.length >= DIRECT_BYTES;
    if (buffer !== undefined && used > 0 && (isDirect || used + piece.length > BUFFER_BYTES)) {
      yield buffer.subarray(0, used);
      used = 0;
    }
    if (isDirect) {
      for (let at = 0; at < piece.length; at += PIECE_BYTES) yield piece.subarray(at, at + PIECE_BYTES);
    } else {
      buffer ??= new Uint8Array(BUFFER_BYTES);
      buffer.set(piece, used);
      used += piece.length;
    }
  }
  if (buffer !== undefined && used > 0) yield buffer.subarray(0, used);
}
