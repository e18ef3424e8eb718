import type { ObservableInput, SchedulerLike } from 'rxjs';
import type { SummaryValue } from '../format/event/summary-value.js';
import type { Logger } from '../log/logger.js';

/** Where summaries go: an event file, lines of JSON, a table on the console, a metrics service. */
export interface SummarySink {
  /** Where it writes to, for messages. */
  readonly location: string;

  /**
   * Opens the sink for one run; before that, nothing outside is touched. Hooks of the same run that open it get the
   * same open sink, which is closed when the last of them closes it.
   *
   * @throws StoreInUseError if another run has it
   * @throws StorageError with the fault `NOT_A_FOLDER` if the place is none; what may pass, such as a full disk, is told
   *   to {@link SummaryRun.onFault} instead
   */
  open(run: SummaryRun): OpenSummarySink;
}

/** What a sink is told of the run that opens it. */
export interface SummaryRun {
  /** Tells this run from others. */
  readonly identity: object;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
  /** Told when writing begins to fail, and again at the close if anything was dropped. */
  onFault(fault: SummaryFault): void;
}

/** Why summaries are not where they belong. */
export interface SummaryFault {
  readonly location: string;
  readonly error: unknown;
  /** Values that were given up so far. */
  readonly droppedValues: number;
}

/**
 * A sink for one run. Whatever lies behind it, writing never waits and never fails the caller but for a value that
 * cannot be written anywhere: what cannot go out yet is kept up to a limit, beyond which the newest values are dropped
 * and counted.
 */
export interface OpenSummarySink {
  /**
   * The run goes on from `globalStep`: what lies behind that step is of a future that did not happen. Told once for
   * each creation of the session; a second hook that tells the same `attempt` changes nothing.
   */
  start(globalStep: number, attempt: number): void;

  /**
   * Takes the values of one step.
   *
   * @throws TypeError, RangeError for values that cannot be encoded
   */
  write(globalStep: number, batch: SummaryBatch): void;

  /** Takes the graph of the run, a serialized GraphDef; the last one is shown. */
  graph(graphDef: Uint8Array): void;

  /** Writes what is kept; returns work to wait for if that takes time. */
  flush(): ObservableInput<unknown> | undefined;

  /** Flushes what can be flushed at once, and lets go of the place. May be called more than once. */
  close(): void;

  /** Values that were given up so far. */
  readonly droppedValues: number;
}

/** What is written at one step, each tag once. */
export interface SummaryBatch {
  /** Numbers by tag, the short way for most of what is written. */
  readonly scalars: ReadonlyMap<string, number>;
  readonly values: readonly SummaryValue[];
}
