/**
 * What the file store asks of an operating system. Synchronous, because the order of these calls *is* the commit
 * protocol; a caller who must not wait runs the store in a worker.
 *
 * Paths are `<folder>/<name>`. A method fails by throwing an error whose `code` is the system's name of the fault,
 * such as `ENOSPC`. An implementation is a plain object whose methods do not use `this`, so that one can wrap another.
 */
export interface FileSystem {
  /** Creates a file for writing; fails with `EEXIST` if the name is taken. */
  openNew(path: string): number;
  /** Opens for reading; never blocks, not even on a pipe. */
  openRead(path: string): number;
  /** Appends; returns how many bytes were taken, which may be fewer than given, without an error. */
  write(file: number, bytes: Uint8Array): number;
  /** Fills `target` from `offset` on; returns how many bytes were read, 0 at the end. */
  read(file: number, target: Uint8Array, offset: number): number;
  /** The bytes in an open file; `undefined` if it is no regular file. */
  sizeOf(file: number): number | undefined;
  /**
   * A hint: begins, in another thread, to bring to the disk what was written to this new file so far, so that the next
   * {@link sync} of it has less to wait for. It promises nothing, fails never, and takes nothing away from what `sync`
   * promises and reports; an implementation that cannot keep to that leaves it out.
   */
  startWriteOut?(path: string): void;
  /** Makes the file's bytes durable, but not its name. A failure is final: the bytes may be lost, now and later. */
  sync(file: number): void;
  /** Lets go of the file, also when it fails. */
  close(file: number): void;
  /** Replaces `to` in one instant if it exists. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Creates one folder, not its parents. */
  mkdir(path: string): void;
  readdir(path: string): string[];
  /** What is there, links followed; `undefined` if nothing is. */
  stat(path: string): 'file' | 'folder' | 'other' | undefined;
  /** What tells this file or folder from all others of the machine, under whatever path; `undefined` if nothing is there. */
  identityOf(path: string): string | undefined;
  /** Makes the names in a folder durable: what was created, renamed and removed. */
  syncDir(path: string): void;
  /** The folder's absolute path. */
  resolve(path: string): string;
  /** What is left for files; `undefined` if that is not known. */
  space(path: string): FileSystemSpace | undefined;
  /**
   * Takes a name that belongs to the folder and that the system itself gives back when the process dies.
   * `unsupported` where there is no such thing.
   */
  hold(path: string): FolderHold | 'held' | 'unsupported';
  /** Blocks the thread for a moment. */
  pause(milliseconds: number): void;
}

export interface FileSystemSpace {
  readonly freeBytes: number;
  /** How many more files there may be; `undefined` if the file system does not count them. */
  readonly freeFiles: number | undefined;
}

export interface FolderHold {
  release(): void;
}

/** The system's name of a failure, such as `ENOENT`; `undefined` if it is no failure of the system. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
