import type { Observable } from 'rxjs';
import type { StoreHolder } from '../error/store-in-use-error.js';

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
  /** As {@link read}, but into memory that is there already: `into.length` bytes from `offset`. */
  readInto?(offset: number, into: Uint8Array): void;
}

/** The open files of one checkpoint: they stay readable until {@link close}, even if the checkpoint is removed. */
export interface OpenedCheckpoint {
  readonly prefix: string;
  /** By suffix, in no order. */
  readonly files: ReadonlyMap<string, StoredBytes>;
  /** Lets go of the files; may be called more than once. */
  close(): void;
}

/** Exclusive leave to write into a store. */
export interface StoreLock {
  /** The names of a dead writer's half-done files that taking the store swept away. */
  readonly swept: readonly string[];
  /** The writer that died without letting go, whose lock this one replaced. */
  readonly takenOverFrom: StoreHolder | undefined;
  /** Lets go; may be called more than once. */
  release(): void;
}

/**
 * Where checkpoints lie. A checkpoint is a set of files that share a *prefix*, such as `model.ckpt-500`, and it exists
 * if and only if its *marker*, the last file that was written, is there: no reader ever sees a half-written one.
 *
 * A prefix is one name, never a path: methods throw a `RangeError` at once for one that is empty, longer than 180
 * bytes, starts with a dot or holds a separator, a NUL or another control character.
 *
 * Every method is cold: it acts on subscription, emits its answer once and completes, or fails. The local stores act
 * synchronously in `subscribe`.
 *
 * @see storeLaws for what every implementation is tested against
 * @see docs/formats/commit-protocol.md
 */
export interface CheckpointStore {
  /** For messages: where this is, e.g. the folder's path. */
  readonly location: string;
  /** The folder on this machine's file system, where another thread can open the same store; `undefined` without one. */
  readonly folder?: string | undefined;
  /**
   * A CRC-32C that is faster here than the formats' own, such as a native one; with `seed`, that of earlier bytes, it is
   * the checksum of both. Formats that were given none use it.
   */
  readonly crc32c?: ((bytes: Uint8Array, seed?: number) => number) | undefined;

  /**
   * Takes the store for one writer and sweeps what dead writers left half-done. `write` itself asks for no lock, so
   * that a worker thread can write while the thread that started it holds the store.
   *
   * @throws StoreInUseError if another writer holds it; it names the holder
   */
  lock(): Observable<StoreLock>;

  /**
   * Writes the files of a new checkpoint, in order, and commits it: when this emits, they are durable, and the last
   * one, the marker, became visible after all the others were durable. On an error nothing is visible and nothing that
   * was there before is harmed. What an earlier attempt left without a marker is replaced.
   *
   * @returns the bytes written
   * @throws CheckpointExistsError if the marker is there already: a checkpoint is never overwritten
   * @throws StorageError if the bytes cannot be kept
   * @throws whatever `files` or its `chunks` throw, as it is
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
   * The bytes of the state file, named `checkpoint`; `undefined` if there is none. They are not trusted: who decodes
   * them confines the names in them.
   *
   * @throws CorruptDataError if it is no file, or larger than any state file can be (16 MiB)
   */
  readState(): Observable<Uint8Array | undefined>;

  /** Replaces the state file atomically and durably. On an error the old one or the new one is there, whole. */
  writeState(bytes: Uint8Array): Observable<void>;

  /**
   * Sets a damaged checkpoint aside under other names, where no reader finds it: the markers first and durably, then
   * the rest. Never deletes, never replaces what an earlier quarantine set aside.
   *
   * @throws CheckpointNotFoundError if there is no file of that prefix
   */
  quarantine(prefix: string, markers: readonly string[]): Observable<void>;
}
