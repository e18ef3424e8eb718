import type { Crc32c } from '../../format/crc32c.js';
import type { OpenedCheckpoint, StoredFile } from '../../store/checkpoint-store.js';
import type { DType } from '../../tensor/dtype.js';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { CheckpointRecord } from '../checkpoint-record.js';

/** How a checkpoint is written: the files of a snapshot, and back. */
export interface CheckpointFormat {
  /** As in `docs/formats/`. */
  readonly name: string;
  /** The suffix of the file that is written last and whose being there makes the checkpoint exist. */
  readonly marker: string;

  /** Whether files with these suffixes are a checkpoint of this format, be it ours or another program's. */
  recognises(suffixes: ReadonlySet<string>): boolean;

  /**
   * The files of a checkpoint in the order in which they are to be written; lazily, so that no second copy of the
   * state is made. The record's side file is among them.
   *
   * @param crc32c a fast CRC-32C that the store offers, for a format that was not given another
   */
  encode(
    snapshot: StateSnapshot,
    record: Omit<CheckpointRecord, 'format' | 'files'>,
    crc32c?: Crc32c | undefined,
  ): Iterable<StoredFile>;

  /**
   * Opens a checkpoint of this format.
   *
   * @param crc32c as in {@link encode}
   * @throws CorruptDataError, TruncatedDataError, UnsupportedDataError if it cannot be read
   */
  open(checkpoint: OpenedCheckpoint, crc32c?: Crc32c | undefined): CheckpointReader;
}

/** A checkpoint that is open. Valid until its files are closed. */
export interface CheckpointReader {
  /** What is known of it besides its state; `undefined` if another program wrote it. */
  readonly record: CheckpointRecord | undefined;
  /** Its tensors, without reading their elements. */
  readonly entries: readonly CheckpointEntry[];
  /** The elements of a tensor, verified. @throws CorruptDataError, UnsupportedDataError */
  read(name: string): StateTensor;
  /**
   * The whole state in memory, every checksum verified.
   *
   * @throws CorruptDataError, TruncatedDataError, UnsupportedDataError
   */
  snapshot(): StateSnapshot;
  /** Reads everything and says what is wrong: for each tensor, then for the checkpoint as a whole. */
  verify(): Iterable<VerifiedTensor>;
}

type StateTensor = NonNullable<ReturnType<StateSnapshot['tensors']['get']>>;

/** What is known of a tensor in a checkpoint without its elements. */
export interface CheckpointEntry {
  readonly name: string;
  /** `undefined` for an element type that cannot be held here, such as TensorFlow's `variant`. */
  readonly dtype: DType | undefined;
  /** The format's own name of the element type. */
  readonly storedDtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** As it is stored, if the format has one for each tensor. */
  readonly crc32c: number | undefined;
}

export interface VerifiedTensor {
  /** `undefined` for a fault of the checkpoint as a whole. */
  readonly name: string | undefined;
  /** What is wrong; `undefined` if all is well. */
  readonly fault: unknown;
}
