import { StorageError } from '../../error/storage-error.js';
import { EventWriter } from '../../format/event/event-writer.js';
import { fileVersionEvent } from '../../format/event/file-version-event.js';
import { makeFolder } from '../../store/file/make-folder.js';
import { writeFully } from '../../store/file/write-fully.js';
import type { FileSystem } from '../../store/file-system.js';
import { type FolderLock, lockFolder } from '../../store/lock/lock-folder.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import { eventFileName } from './event-file-name.js';
import type { EventTarget } from './event-target.js';

/** The folder whose lock is that of the event files, apart from that of checkpoints which may lie beside them. */
const LOCK_FOLDER = 'events.lock';
const SOURCE_WRITER = 'tidemark.summary';
const PIECE_BYTES = 1024 * 1024;
const EMPTY_WRITES = 3;

export interface EventFileOptions {
  readonly processes: ProcessTable;
  readonly wallTime: () => number;
  readonly suffix: string;
}

/**
 * An event file of one run, made when the first bytes come, its first record in it from the beginning. It is only ever
 * appended to, and only where its size is what was written: a file that another has cut or written to is left as it is,
 * and a new one goes on.
 */
export class EventFile implements EventTarget {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #options: EventFileOptions;
  #lock: FolderLock | undefined;
  #file: number | undefined;
  #path = '';
  #size = 0;
  /** Whether the last write failed, so that it is not known what of it is in the file. */
  #isDoubtful = false;

  /** REQUIRES: an absolute path, and a patient file system. */
  constructor(fs: FileSystem, folder: string, options: EventFileOptions) {
    this.#fs = fs;
    this.#folder = folder;
    this.#options = options;
  }

  append(bytes: Uint8Array): number | 'lost' {
    const file = (this.#file ??= this.#create());
    if (this.#isDoubtful) {
      const found = (this.#fs.sizeOf(file) ?? -1) - this.#size;
      if (found < 0 || found > bytes.length) return this.#leave();
      this.#isDoubtful = false;
      this.#size += found;
      if (found > 0) return found;
    }
    return this.#write(file, bytes);
  }

  isThere(): boolean {
    if (this.#file === undefined || this.#fs.stat(this.#path) === 'file') return true;
    this.#leave();
    return false;
  }

  close(): void {
    this.#leave();
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** As much as goes; the rest is for the next call. */
  #write(file: number, bytes: Uint8Array): number {
    let done = 0;
    this.#isDoubtful = true;
    for (let emptyWrites = 0; done < bytes.length; ) {
      const piece = bytes.subarray(done, done + PIECE_BYTES);
      const count = this.#fs.write(file, piece);
      if (!Number.isSafeInteger(count) || count < 0 || count > piece.length) {
        throw new StorageError(
          'IO',
          this.#path,
          undefined,
          `${this.#path}: ${piece.length} written, ${count} reported`,
        );
      }
      emptyWrites = count === 0 ? emptyWrites + 1 : 0;
      if (emptyWrites === EMPTY_WRITES) {
        throw new StorageError('IO', this.#path, undefined, `${this.#path}: no byte more is taken`);
      }
      done += count;
    }
    this.#isDoubtful = false;
    this.#size += done;
    return done;
  }

  #create(): number {
    const fs = this.#fs;
    makeFolder(fs, this.#folder);
    this.#lock ??= this.#takeLock();
    const wallTime = this.#options.wallTime();
    const { pid, host } = this.#options.processes.self();
    const { suffix } = this.#options;
    const safeHost = host.replace(/[^\w.-]/g, '_');
    const name = eventFileName(fs.readdir(this.#folder), { seconds: wallTime, host: safeHost, pid, suffix });
    const path = `${this.#folder}/${name}`;
    const header = new EventWriter();
    header.add(fileVersionEvent(wallTime, SOURCE_WRITER));

    const file = fs.openNew(path);
    try {
      writeFully(fs, file, header.written(), path);
    } catch (error) {
      quietly(() => fs.close(file));
      quietly(() => fs.unlink(path));
      throw error;
    }
    this.#path = path;
    this.#size = header.length;
    this.#isDoubtful = false;
    return file;
  }

  #takeLock(): FolderLock {
    const folder = `${this.#folder}/${LOCK_FOLDER}`;
    makeFolder(this.#fs, folder);
    return lockFolder(this.#fs, this.#options.processes, folder, false);
  }

  #leave(): 'lost' {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) quietly(() => this.#fs.close(file));
    return 'lost';
  }
}

/** For what is given up: the failure that led here is the one to report. */
function quietly(operation: () => void): void {
  try {
    operation();
  } catch {
    // Nothing that was acknowledged depends on it.
  }
}
