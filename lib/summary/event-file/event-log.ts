import type { Subscription } from 'rxjs';
import { CodedError } from '../../error/coded-error.js';
import { EventWriter } from '../../format/event/event-writer.js';
import { RECORD_OVERHEAD_BYTES } from '../../format/tfrecord.js';
import { FaultLog } from '../fault-log.js';
import type { OpenSummarySink, SummaryBatch, SummaryRun } from '../summary-sink.js';
import type { EventTarget } from './event-target.js';

export interface EventLogOptions {
  readonly location: string;
  /** Seconds since 1970. */
  readonly wallTime: () => number;
  /** Events are written when so many bytes are kept. */
  readonly flushBytes: number;
  /** And when one has been kept for so long. */
  readonly flushSeconds: number;
  /** So many bytes are kept at most. */
  readonly maxBufferedBytes: number;
}

/** A buffer that grew beyond this is let go of when it is empty. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Events on their way into a file. They are encoded at once, kept, and appended in large pieces. As long as a target
 * fails, only the timer and {@link flush} try again, so that a full disk costs a step nothing; events that find the
 * buffer full are dropped and counted, never part of one.
 *
 * Invariant: the buffer begins at a record, and `#sent` of its bytes are in the file.
 */
export class EventLog implements OpenSummarySink {
  readonly #target: EventTarget;
  readonly #run: SummaryRun;
  readonly #options: EventLogOptions;
  readonly #faults: FaultLog;
  #events = new EventWriter();
  #sent = 0;
  #timer: Subscription | undefined;
  #isClosed = false;
  #isOpen = false;

  constructor(target: EventTarget, run: SummaryRun, options: EventLogOptions) {
    this.#target = target;
    this.#run = run;
    this.#options = options;
    this.#faults = new FaultLog(options.location, run);
    this.#drain();
    this.#isOpen = true;
  }

  get droppedValues(): number {
    return this.#faults.droppedValues;
  }

  start(globalStep: number): void {
    const wallTime = this.#options.wallTime();
    // What lies at the step itself was written before its checkpoint, so the next step is the first that is void.
    const step = globalStep + 1;
    this.#add(1, (events) =>
      events.add({ type: 'sessionLog', status: 'start', checkpointPath: '', message: '', step, wallTime }),
    );
    this.#drain();
  }

  write(globalStep: number, { scalars, values }: SummaryBatch): void {
    const wallTime = this.#options.wallTime();
    for (const [tag, value] of scalars) {
      const before = this.#events.length;
      this.#events.addScalar(tag, value, globalStep, wallTime);
      this.#confine(before, 1);
    }
    for (const value of values) {
      this.#add(1, (events) => events.add({ type: 'summary', values: [value], step: globalStep, wallTime }));
    }
    this.#afterWrite();
  }

  graph(graphDef: Uint8Array): void {
    const wallTime = this.#options.wallTime();
    this.#add(1, (events) => events.add({ type: 'graphDef', graphDef, step: 0, wallTime }));
    this.#afterWrite();
  }

  flush(): undefined {
    this.#drain();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#drain();
    this.#isClosed = true;
    this.#timer?.unsubscribe();
    if (this.#sent < this.#events.length) this.#faults.dropped(this.#pendingRecords());
    this.#faults.closed();
    try {
      this.#target.close();
    } catch (error) {
      this.#run.logger.warn({ err: error }, `${this.#options.location} could not be closed in order`);
    }
  }

  #add(values: number, add: (events: EventWriter) => void): void {
    const before = this.#events.length;
    add(this.#events);
    this.#confine(before, values);
  }

  /** Drops what was just added if it does not fit. A single event of any size may pass while the target works. */
  #confine(before: number, values: number): void {
    const { maxBufferedBytes } = this.#options;
    if (this.#events.length - this.#sent <= maxBufferedBytes) return;
    if (!this.#faults.isFailing) this.#drain();
    if (this.#events.length - this.#sent <= maxBufferedBytes) return;
    this.#events.length = before;
    this.#faults.dropped(values);
  }

  #afterWrite(): void {
    const pending = this.#events.length - this.#sent;
    if (pending >= this.#options.flushBytes && !this.#faults.isFailing) this.#drain();
    else if (pending > 0) this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = this.#run.scheduler.schedule(() => {
      this.#timer = undefined;
      this.#drain(true);
    }, this.#options.flushSeconds * 1000);
  }

  /** @param isCalm whether there is time to look if the file is still there */
  #drain(isCalm = false): void {
    if (this.#isClosed) return;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    try {
      if (isCalm && !this.#target.isThere()) this.#rewind();
      // Also without bytes: a file is recognisable from its beginning.
      do {
        const count = this.#target.append(this.#events.written(this.#sent));
        if (count === 'lost') this.#rewind();
        else this.#sent += count;
      } while (this.#sent < this.#events.length);
      this.#empty();
      this.#faults.worked();
    } catch (error) {
      // A place that belongs to another is for the caller; what else is wrong with it is told and tried again.
      if (!this.#isOpen && isRefusal(error)) throw error;
      this.#faults.failed(error);
      if (!this.#isClosed) this.#arm();
    }
  }

  #empty(): void {
    if (this.#events.length > KEPT_BYTES) this.#events = new EventWriter();
    else this.#events.reset();
    this.#sent = 0;
  }

  /** Goes back to the beginning of the record that was cut. */
  #rewind(): void {
    this.#sent = this.#boundaries().findLast((offset) => offset <= this.#sent) ?? 0;
  }

  #pendingRecords(): number {
    return this.#boundaries().filter((offset) => offset >= this.#sent && offset < this.#events.length).length;
  }

  /** Where the records in the buffer begin, and its end. */
  #boundaries(): number[] {
    const bytes = this.#events.written();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const boundaries = [0];
    for (let at = 0; at < bytes.length; ) {
      at += view.getUint32(at, true) + RECORD_OVERHEAD_BYTES;
      boundaries.push(at);
    }
    return boundaries;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof CodedError && ['STORE_IN_USE', 'STORAGE_NOT_A_FOLDER'].includes(error.code);
}
