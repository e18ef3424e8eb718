import type { FixedDType } from '../../tensor/dtype.js';
import type { FixedTensor } from '../../tensor/tensor.js';
import type { SafetensorsDType } from './safetensors-dtype.js';

/** What the header says of one tensor. */
export interface SafetensorsEntry {
  readonly name: string;
  /** The file that holds it: one of several in a sharded set. */
  readonly file: string;
  /** The format's own name of the element type. */
  readonly fileDtype: SafetensorsDType;
  /** Ours, or `undefined` if we have none; such a tensor is listed but cannot be read. */
  readonly dtype: FixedDType | undefined;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The tensors of one file, or of a set of shards; it reads the source for as long as that stays open. */
export interface SafetensorsReader {
  /** The texts under `__metadata__`; empty if there are none. */
  readonly metadata: ReadonlyMap<string, string>;
  /** What is odd about the files without making them unreadable, one sentence each. */
  readonly warnings: readonly string[];

  /** All tensors, file by file, in the order of their data. */
  entries(): IterableIterator<SafetensorsEntry>;

  /** What is known of a tensor, or `undefined` if there is none of that name. */
  entry(name: string): SafetensorsEntry | undefined;

  /**
   * The tensor of that name.
   *
   * The format has no checksums: a flipped bit in the data shows in no way.
   *
   * @param into where the elements go: exactly `sizeBytes` bytes. Without it they are what the source returns, which
   *   may be a view, need not be aligned, and must not be written to
   * @throws UnsupportedDataError if its element type is none of ours
   * @throws RangeError if there is none of that name, or `into` has another size
   */
  read(name: string, into?: Uint8Array): FixedTensor;
}
