import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { SummaryValue } from '../format/event/summary-value.js';
import { sharedSink } from './shared-sink.js';
import type { SummarySink } from './summary-sink.js';
import { plainSummary } from './text/plain-summary.js';

/** What was drawn under one tag at one step. */
export interface DrawnValue<T> {
  readonly globalStep: number;
  readonly value: T;
}

/** A sink that keeps what it is given, for notebooks, dashboards and tests. */
export interface MemorySummaries extends SummarySink {
  /** By tag, in order of steps. */
  readonly scalars: ReadonlyMap<string, readonly DrawnValue<number>[]>;
  /** What is no scalar, by tag. */
  readonly values: ReadonlyMap<string, readonly DrawnValue<SummaryValue>[]>;
  /** A serialized GraphDef, the last one. */
  readonly graphDef: Uint8Array | undefined;
}

export interface MemorySummariesOptions {
  /** At least the newest so many of each tag stay, and at most a quarter more. @default 100,000 */
  readonly maxValuesPerTag?: number | undefined;
}

const OPTIONS: OptionNames<MemorySummariesOptions> = { maxValuesPerTag: true };

/**
 * Keeps summaries in memory. A run that goes on from a step drops what lies behind it, so a curve never doubles back.
 *
 * @throws RangeError for a limit that is no positive whole number
 */
export function memorySummaries(options: MemorySummariesOptions = {}): MemorySummaries {
  checkOptions('memorySummaries(options)', options, OPTIONS);
  const { maxValuesPerTag = 100_000 } = options;
  if (!Number.isSafeInteger(maxValuesPerTag) || maxValuesPerTag < 1) {
    throw new RangeError(
      `memorySummaries(maxValuesPerTag): expected a whole number from 1, received ${describeReceived(maxValuesPerTag)}`,
    );
  }
  const scalars = new Map<string, DrawnValue<number>[]>();
  const values = new Map<string, DrawnValue<SummaryValue>[]>();
  let graphDef: Uint8Array | undefined;

  const put = <T>(series: Map<string, DrawnValue<T>[]>, tag: string, globalStep: number, value: T): void => {
    let points = series.get(tag);
    if (points === undefined) series.set(tag, (points = []));
    points.push({ globalStep, value });
    if (points.length > maxValuesPerTag * 1.25) points.splice(0, points.length - maxValuesPerTag);
  };
  const cut = <T>(series: Map<string, DrawnValue<T>[]>, globalStep: number): void => {
    for (const [tag, points] of series) {
      const kept = points.filter((point) => point.globalStep <= globalStep);
      if (kept.length < points.length) series.set(tag, kept);
    }
  };

  const sink = sharedSink('memory', () => ({
    droppedValues: 0,
    start(globalStep) {
      cut(scalars, globalStep);
      cut(values, globalStep);
    },
    write(globalStep, batch) {
      for (const [tag, value] of batch.scalars) put(scalars, tag, globalStep, value);
      for (const value of batch.values) {
        const plain = plainSummary(value);
        if (plain.kind === 'scalar') put(scalars, value.tag, globalStep, plain.value);
        else put(values, value.tag, globalStep, value);
      }
    },
    graph(bytes) {
      graphDef = bytes.slice();
    },
    flush: () => undefined,
    close() {},
  }));
  return {
    ...sink,
    scalars,
    values,
    get graphDef() {
      return graphDef;
    },
  };
}
