import { CodedError } from '../../error/coded-error.js';
import { readFully } from '../../store/file/read-fully.js';
import type { FileSystem } from '../../store/file-system.js';
import { decodeRecordedEvent } from './decode-recorded-event.js';
import type { RecordedEvent } from './recorded-event.js';

const PIECE_BYTES = 1 << 20;
const LONGEST_LINE_BYTES = 64 * 1024;
// A log that does not come from a recorder, which sums up, must not fill the memory of its reader.
const MOST_EVENTS = 2_000_000;
const MOST_FAULTS = 10;
const LINE_BREAK = 0x0a;

/** Reads an event log from where it was read to before: a file that is still written is read again as it grows. */
export class EventLogReader {
  /** What was damaged, in words; at most ten. */
  readonly faults: string[] = [];
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #name: string;
  #offset = 0;
  #line = 0;
  #events = 0;
  #isSkipping = false;

  constructor(fs: FileSystem, folder: string, name: string) {
    this.#fs = fs;
    this.#path = `${folder}/${name}`;
    this.#name = name;
  }

  /**
   * Events that were not read yet; none if there are no more whole lines. At most a mebibyte is read at once. A damaged
   * line is passed over and told in {@link faults}.
   */
  read(): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    while (events.length === 0) {
      const piece = this.#piece();
      if (piece === undefined) return events;
      const end = piece.lastIndexOf(LINE_BREAK) + 1;
      if (end === 0 && piece.length < LONGEST_LINE_BYTES) return events;
      this.#offset += end === 0 ? piece.length : end;
      if (end === 0) this.#skip();
      else this.#readLines(piece.subarray(0, end), events);
    }
    return events;
  }

  #piece(): Uint8Array | undefined {
    if (this.#events >= MOST_EVENTS) {
      this.#fault(`${this.#name}: more than ${MOST_EVENTS} events; the rest is not read`);
      return undefined;
    }
    const file = this.#fs.openRead(this.#path);
    try {
      const sizeBytes = this.#fs.sizeOf(file) ?? 0;
      if (sizeBytes <= this.#offset) return undefined;
      return readFully(this.#fs, file, this.#name, this.#offset, Math.min(sizeBytes - this.#offset, PIECE_BYTES));
    } finally {
      this.#fs.close(file);
    }
  }

  #skip(): void {
    if (!this.#isSkipping)
      this.#fault(`${this.#name}, line ${this.#line + 1}: longer than ${LONGEST_LINE_BYTES} bytes`);
    this.#isSkipping = true;
  }

  #readLines(bytes: Uint8Array, events: RecordedEvent[]): void {
    const lines = new TextDecoder().decode(bytes).split('\n');
    lines.pop();
    for (const line of lines) {
      this.#line++;
      if (this.#isSkipping) {
        this.#isSkipping = false;
        continue;
      }
      if (line === '') continue;
      try {
        if (line.length > LONGEST_LINE_BYTES) throw new RangeError(`longer than ${LONGEST_LINE_BYTES} bytes`);
        const event = decodeRecordedEvent(line, `${this.#name}, line ${this.#line}`);
        if (event !== undefined) events.push(event);
      } catch (error) {
        if (!(error instanceof CodedError || error instanceof RangeError)) throw error;
        this.#fault(
          error instanceof CodedError ? error.message : `${this.#name}, line ${this.#line}: ${error.message}`,
        );
      }
    }
    this.#events += events.length;
  }

  #fault(text: string): void {
    if (this.faults.length < MOST_FAULTS && !this.faults.includes(text)) this.faults.push(text);
  }
}
