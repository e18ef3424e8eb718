import { CodedError } from '../../error/coded-error.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { BundleEntry } from './bundle-entry.js';
import { layoutWarnings } from './layout-warnings.js';
import type { OpenedBundle } from './opened-bundle.js';
import { readAll } from './read-all.js';
import { checkTensor, readTensor } from './read-tensor.js';

/** What {@link BundleReader.verify} finds of one tensor. */
export interface TensorReport {
  readonly name: string;
  /** What is wrong with it, `undefined` if nothing is: an `UnsupportedDataError` for a kind that cannot be read. */
  readonly fault: CodedError | undefined;
}

/** The tensors of one bundle; it reads the data files for as long as they stay open. See {@link openBundle}. */
export class BundleReader {
  private layout: readonly string[] | undefined;

  constructor(private readonly bundle: OpenedBundle) {}

  /** How many data files there are. */
  get shardCount(): number {
    return this.bundle.index.shardCount;
  }

  /**
   * What is odd about the bundle without making it unreadable, one sentence each: unknown fields, bytes of the data
   * files that belong to no tensor or to two. Looks at the sizes of the data files.
   */
  get warnings(): readonly string[] {
    const { index, shards } = this.bundle;
    this.layout ??= [...index.warnings, ...layoutWarnings(index, shards)];
    return this.layout;
  }

  /** All tensors in byte order of their names, also those that cannot be read; the data files are not touched. */
  entries(): IterableIterator<BundleEntry> {
    return this.bundle.index.entries.values();
  }

  /** What is known of a tensor, or `undefined` if there is none of that name. */
  entry(name: string): BundleEntry | undefined {
    return this.bundle.index.entries.get(name);
  }

  /**
   * The tensor of that name, put together from its slices if it is partitioned, with every checksum verified.
   *
   * @param into where the elements go: exactly as many bytes as they take; fresh memory without it. On an error it
   *   may be written in part
   * @throws TruncatedDataError if its data file ends too early
   * @throws CorruptDataError if its entry or its bytes are damaged, or its data file is missing
   * @throws UnsupportedDataError if it is of a kind that cannot be read, such as `variant`
   * @throws RangeError if there is none of that name, `into` has another size, or it is given for strings
   */
  read(name: string, into?: Uint8Array): Tensor {
    const entry = this.entry(name);
    if (entry === undefined) {
      throw new RangeError(`read(name): expected the name of a tensor, received ${JSON.stringify(name)}`);
    }
    return readTensor(this.bundle, entry, into);
  }

  /**
   * All tensors by name, in the order of {@link entries}, with every checksum verified. Quicker than {@link read} for
   * each where there are many small ones; these share memory, so that none of it can be transferred to a thread.
   *
   * @throws what {@link read} throws, for the first that cannot be read
   */
  readAll(): Map<string, Tensor> {
    return readAll(this.bundle);
  }

  /** Reads every tensor, one whenever the next report is asked for, and says what is wrong with it. */
  *verify(): Generator<TensorReport, void, undefined> {
    for (const entry of this.entries()) {
      let fault: CodedError | undefined;
      try {
        checkTensor(this.bundle, entry);
      } catch (error) {
        // What the data says is the report; a file that cannot be read ends it.
        if (!(error instanceof CodedError)) throw error;
        fault = error;
      }
      yield { name: entry.name, fault };
    }
  }
}
