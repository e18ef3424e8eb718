import type { Observable } from 'rxjs';

/** One file that a store is given to keep: see `FilePart` in the formats. */
export interface StoredFile {
  /** What follows the prefix in the file's name, e.g. `.index`. */
  readonly suffix: string;
  /** The bytes in order; each piece is only valid until the next one is asked for. */
  readonly chunks: Iterable<Uint8Array>;
}

/** Bytes in a store, read by position. */
export interface StoredBytes {
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`; may be a view. REQUIRES: the range lies within the file. */
  read(offset: number, length: number): Uint8Array;
}

/** The open files of one checkpoint: they stay readable until {@link close}, even if the checkpoint is removed. */
export interface OpenedCheckpoint {
  readonly prefix: string;
  /** By suffix, in no order. */
  readonly files: ReadonlyMap<string, StoredBytes>;
  close(): void;
}

/** What the `checkpoint` state file says; paths are prefixes in this store, never paths out of it. */
export interface CheckpointState {
  /** The newest committed checkpoint. */
  readonly latest: string;
  /** Those that retention still answers for, oldest first; the last one is `latest`. */
  readonly all: readonly string[];
  /** Seconds since 1970, one for each of `all`, where the writer kept them. */
  readonly timestamps?: readonly number[] | undefined;
  readonly lastPreserved?: number | undefined;
}

/** Exclusive leave to write into a store. */
export interface StoreLock {
  release(): void;
}

/**
 * Where checkpoints lie. A checkpoint is a set of files that share a *prefix*, such as `model.ckpt-500`, and it exists
 * if and only if its *marker*, the last file that was written, is there: no reader ever sees a half-written one.
 *
 * Every method is cold: it acts on subscription, emits its answer once and completes, or fails. The local stores act
 * synchronously in `subscribe`.
 *
 * @see storeLaws for what every implementation is tested against
 */
export interface CheckpointStore {
  /** For messages: where this is, e.g. the folder's path. */
  readonly location: string;

  /**
   * Takes the store for one writer and sweeps what dead writers left half-done.
   *
   * @throws StoreInUseError if another writer holds it; it names the holder
   */
  lock(): Observable<StoreLock>;

  /**
   * Writes the files of a new checkpoint, in order, and commits it: when this emits, they are durable, and the last
   * one, the marker, became visible after all the others were durable. On an error nothing is visible and nothing that
   * was there before is harmed.
   *
   * @returns the bytes written
   */
  write(prefix: string, files: Iterable<StoredFile>): Observable<number>;

  /** The prefixes of the committed checkpoints, in no order; `markers` are the suffixes that make one exist. */
  list(markers: readonly string[]): Observable<readonly string[]>;

  /**
   * Opens all files of a checkpoint.
   *
   * @throws CheckpointNotFoundError if there is no file of that prefix
   */
  open(prefix: string): Observable<OpenedCheckpoint>;

  /**
   * Removes checkpoints: the markers first and durably, then the rest, so that a crash leaves no half of one visible.
   * Prefixes that are gone already are no error.
   */
  remove(prefixes: readonly string[], markers: readonly string[]): Observable<void>;

  /**
   * The state file; `undefined` if there is none.
   *
   * @throws CorruptDataError if it cannot be read or points out of the store
   */
  readState(): Observable<CheckpointState | undefined>;

  /** Replaces the state file atomically and durably. */
  writeState(state: CheckpointState): Observable<void>;

  /** Sets a damaged checkpoint aside under another name, where no reader finds it; never deletes. */
  quarantine(prefix: string): Observable<void>;
}
