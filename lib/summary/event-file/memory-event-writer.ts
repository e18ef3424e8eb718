import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { EventWriter } from '../../format/event/event-writer.js';
import { fileVersionEvent } from '../../format/event/file-version-event.js';
import { sharedSink } from '../shared-sink.js';
import type { SummarySink } from '../summary-sink.js';
import { type EventBufferOptions, eventBufferOptions } from './event-buffer-options.js';
import { EventLog } from './event-log.js';

export type MemoryEventWriterOptions = Pick<EventBufferOptions, 'wallClock'>;

const OPTIONS: OptionNames<MemoryEventWriterOptions> = { wallClock: true };

/** A sink that keeps the bytes of its event file. */
export interface MemoryEventWriter extends SummarySink {
  /** The event files so far, one for each run, oldest first; each a copy. */
  files(): Uint8Array<ArrayBuffer>[];
}

/**
 * Writes event files into memory: for browsers, where `new Blob([file])` makes a download of one, and for tests.
 *
 * @example
 * const writer = memoryEventWriter();
 * …
 * link.href = URL.createObjectURL(new Blob(writer.files()));
 */
export function memoryEventWriter(options: MemoryEventWriterOptions = {}): MemoryEventWriter {
  checkOptions('memoryEventWriter(options)', options, OPTIONS);
  const buffer = eventBufferOptions('memoryEventWriter', { ...options, flushBytes: 1 });
  const files: EventWriter[] = [];
  const sink = sharedSink('memory', (run) => {
    const file = new EventWriter();
    file.add(fileVersionEvent(buffer.wallTime(), 'tidemark.summary'));
    files.push(file);
    const append = (bytes: Uint8Array): number => {
      file.putBytes(bytes);
      return bytes.length;
    };
    return new EventLog({ append, isThere: () => true, close() {} }, run, { location: 'memory', ...buffer });
  });
  return { ...sink, files: () => files.map((file) => file.copy()) };
}
