import type { ObservableInput } from 'rxjs';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { SummaryInput } from '../../summary/summary-batch.js';

/** What a saver knows besides the step. */
export interface SummaryMoment {
  /** How long the firing before held up the loop, in seconds; `undefined` at the first. */
  readonly lastFiringSeconds: number | undefined;
  /** Seconds and global steps since the firing before; `undefined` at the first of a session. */
  readonly since: { readonly seconds: number; readonly steps: number } | undefined;
}

/**
 * Something that a summary saver draws. All methods are optional; a function from a step to its values is a source, too.
 *
 * @typeParam O what it needs the steps to return
 */
export interface SummarySource<O = unknown> {
  /** Fetches that the step is to compute for it; they are requested only where the saver fires. */
  readonly fetches?: readonly string[] | undefined;
  /** Makes the source that acts in one run, for one that keeps state. */
  forRun?(): SummarySource<O>;
  /** The moment to register fetches. */
  begin?(event: BeginEvent): void;
  /** Drawn once, when the first session of the run is created, at step 0: texts, hyperparameters. */
  atStart?(event: SessionCreatedEvent): SummaryInput;
  /** A serialized GraphDef, drawn once as the graph of the run. */
  graphDef?(event: SessionCreatedEvent): Uint8Array | undefined;
  /** Drawn when the saver fires. */
  values?(step: StepEvent<unknown, O>, moment: SummaryMoment): SummaryInput | ObservableInput<SummaryInput>;
  /** Drawn at once when an earlier hook adds an event, at the step that the event names. */
  onHookEvent?(event: HookEvent): SummaryInput;
  /** Drawn at the end of a run that did not fail. */
  atEnd?(event: EndEvent): SummaryInput;
  /** Drawn when the run fails. */
  atFailure?(error: unknown): SummaryInput;
}

/** Computes what is drawn at a step. */
export type SummaryFunction<O = unknown> = (
  step: StepEvent<unknown, O>,
  moment: SummaryMoment,
) => SummaryInput | ObservableInput<SummaryInput>;
