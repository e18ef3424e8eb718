import { RecordWriter } from '../tfrecord.js';
import { checkStamp, putEvent } from './encode-event.js';
import { putSummaryValue } from './put-summary-value.js';
import type { EventStep, TfEvent } from './tf-event.js';
import { scalarValue } from './value/scalar-value.js';

// Bounds what a job with ever new tags can make a writer keep.
const MAX_TEMPLATES = 4096;

/**
 * Appends events to a growing buffer, as the records of an event file.
 *
 * Whoever writes the file takes {@link written} and calls {@link reset}. An event that is refused leaves nothing behind.
 *
 * @example
 * const writer = new EventWriter();
 * writer.add({ type: 'fileVersion', fileVersion: FILE_VERSION, wallTime, step: 0 });
 * writer.addScalar('loss', 0.5, globalStep, wallTime);
 */
export class EventWriter extends RecordWriter {
  private readonly templates = new Map<string, ScalarTemplate>();

  /** @throws TypeError, RangeError as `encodeEvent` */
  add(event: TfEvent): void {
    const start = this.beginRecord();
    try {
      putEvent(this, event);
      this.endRecord(start);
    } catch (error) {
      this.dropRecord(start);
      throw error;
    }
  }

  /**
   * Adds a summary of one scalar, byte for byte what {@link add} makes of `scalarValue(tag, value)`; the fast path.
   *
   * @throws TypeError, RangeError as `scalarValue` and `encodeEvent`
   */
  addScalar(tag: string, value: number, step: EventStep, wallTime: number): void {
    const template = this.templates.get(tag) ?? this.addTemplate(tag);
    if (typeof value !== 'number') throw new TypeError(`addScalar(value): expected a number, received ${typeof value}`);
    checkStamp('addScalar', wallTime, step);

    const start = this.beginRecord();
    if (!Object.is(wallTime, 0)) this.double(1, wallTime);
    // biome-ignore lint/suspicious/noDoubleEquals: 0n is no step either
    if (step != 0) this.int64(2, step);
    const at = this.length;
    this.putBytes(template.bytes);
    this.view.setFloat32(at + template.valueOffset, value, true);
    this.endRecord(start);
  }

  /** The summary of a scalar under `tag`, as it is but for the four bytes of the value. */
  private addTemplate(tag: string): ScalarTemplate {
    if (this.templates.size >= MAX_TEMPLATES) this.templates.clear();
    const [one, two] = [Math.fround(1.5), Math.fround(-2.5)].map((value) => {
      const writer = new RecordWriter();
      const summary = writer.begin(5);
      const start = writer.begin(1);
      putSummaryValue(writer, scalarValue(tag, value));
      writer.end(start);
      writer.end(summary);
      return writer.copy();
    }) as [Uint8Array, Uint8Array];
    // The value begins two bytes before its first byte that differs: both have zeros there.
    const template = { bytes: one, valueOffset: one.findIndex((byte, i) => byte !== two[i]) - 2 };
    this.templates.set(tag, template);
    return template;
  }
}

interface ScalarTemplate {
  readonly bytes: Uint8Array;
  readonly valueOffset: number;
}
