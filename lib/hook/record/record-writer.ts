import type { Logger } from '../../log/logger.js';
import { encodeRecordedEvent } from './encode-recorded-event.js';
import type { RecordedEvent } from './recorded-event.js';
import type { RunFiles } from './run-files.js';

const MOST_BUFFERED = 64 * 1024;

/**
 * Writes the lines of a run's record, many at a time. One that cannot be written is given up with a warning: it is no
 * reason to lose a run.
 */
export class RecordWriter {
  readonly #folder: string;
  /** Told of what cannot be written, once the run has begun. */
  logger: Logger | undefined;
  #files: RunFiles | undefined;
  #lines = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The files, while the record is written. */
  get files(): RunFiles | undefined {
    return this.#files;
  }

  open(files: RunFiles): void {
    this.#files = files;
  }

  /** Adds a line, which is written with the next ones. */
  add(event: RecordedEvent): void {
    if (this.#files === undefined) return;
    this.#lines += encodeRecordedEvent(event);
    if (this.#lines.length > MOST_BUFFERED) this.attempt(() => this.flush());
  }

  flush(): void {
    if (this.#lines === '') return;
    const lines = this.#lines;
    this.#lines = '';
    this.#files?.append(lines);
  }

  close(): void {
    const files = this.#files;
    this.#files = undefined;
    files?.close();
  }

  /** Does what may fail; if it does, the record is given up. */
  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.logger?.warn({ err: error, folder: this.#folder }, 'the run is recorded no further');
      this.#lines = '';
      try {
        this.close();
      } catch {
        // It failed before, and that was told.
      }
    }
  }
}
