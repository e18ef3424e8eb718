import { describeReceived } from '../../error/describe-received.js';
import { FaultLog } from '../fault-log.js';
import { sharedSink } from '../shared-sink.js';
import type { SummaryBatch, SummarySink } from '../summary-sink.js';

/** Takes text, as a stream of Node does. */
export interface TextTarget {
  write(text: string): unknown;
}

export interface TextSinkOptions {
  /** Where it writes to, for messages. */
  readonly location?: string | undefined;
  /** The wall clock, in milliseconds since 1970. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

/** How a text sink says things; what is `undefined` is not said. */
export interface TextForm {
  /** @param globalStep from which the run goes on; @param attempt 1 at the start of the run */
  start(globalStep: number, attempt: number, wallTime: number): string | undefined;
  batch(globalStep: number, batch: SummaryBatch, wallTime: number): string | undefined;
}

/**
 * A sink that writes text, at once.
 *
 * @param formOf makes the form for one run
 * @throws TypeError if the target cannot be written to
 */
export function textSink(
  name: string,
  target: TextTarget,
  options: TextSinkOptions,
  formOf: () => TextForm,
): SummarySink {
  if (typeof target?.write !== 'function') {
    throw new TypeError(`${name}(target): expected something with write(text), received ${describeReceived(target)}`);
  }
  const { location = name, wallClock = Date.now } = options;
  return sharedSink(location, (run) => {
    const form = formOf();
    const faults = new FaultLog(location, run);
    const say = (text: string | undefined, values: number): void => {
      if (text === undefined) return;
      try {
        target.write(text);
        faults.worked();
      } catch (error) {
        faults.dropped(values);
        faults.failed(error);
      }
    };
    let isClosed = false;
    return {
      start: (globalStep, attempt) => say(form.start(globalStep, attempt, wallClock() / 1000), 0),
      write: (globalStep, batch) =>
        say(form.batch(globalStep, batch, wallClock() / 1000), batch.scalars.size + batch.values.length),
      graph() {},
      flush: () => undefined,
      close() {
        if (!isClosed) faults.closed();
        isClosed = true;
      },
      get droppedValues() {
        return faults.droppedValues;
      },
    };
  });
}
