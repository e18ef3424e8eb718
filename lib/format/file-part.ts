/**
 * One file of an encoded checkpoint, as a stream of pieces.
 *
 * An encoder is a generator of these. It is pulled strictly in order: all `chunks` of one file before the next file is
 * asked for, so that a later file (an index) may hold checksums of an earlier one (the data) without either being in
 * memory whole.
 */
export interface FilePart {
  /** What follows the checkpoint's prefix in the file's name, e.g. `.index`. */
  readonly suffix: string;
  /** The file's bytes in order. A piece is only valid until the next one is asked for: the encoder may reuse it. */
  readonly chunks: Iterable<Uint8Array>;
}
