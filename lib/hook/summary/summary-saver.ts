import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { SummarySink } from '../../summary/summary-sink.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, hook } from '../hook.js';
import { ActiveSummarySaver, AskingSummarySaver } from './active-summary-saver.js';
import { fetchedValues } from './fetched-values.js';
import { hookMetrics } from './hook-metrics.js';
import { stepOutputs } from './step-outputs.js';
import type { SummaryEvent, SummaryFailedEvent } from './summary-event.js';
import type { SummaryFunction, SummarySource } from './summary-source.js';

export interface SummarySaverOptions<O = unknown> {
  /** On which steps to draw. */
  readonly trigger: Trigger<O>;
  /**
   * What to draw: a function from the step to numbers by tag or summary values, a source, or several of them. A function
   * may return a promise or an observable, which holds the loop; of an observable the last value counts.
   *
   * @default what steps return and earlier hooks measure: `[stepOutputs(), hookMetrics()]`, unless `fetches` are given
   */
  readonly values?:
    | SummaryFunction<O>
    | SummarySource<O>
    | readonly (SummaryFunction<O> | SummarySource<O>)[]
    | undefined;
  /** Fetches to draw as well: numbers under their names, summary values as they are. @default none */
  readonly fetches?: readonly string[] | undefined;
  /**
   * What it does if a sink cannot write: tell (`summaryFailed`, and one warning in the log) and go on, or fail the run.
   *
   * @default 'continue'
   */
  readonly onFailure?: 'continue' | 'failRun' | undefined;
}

const OPTIONS: OptionNames<SummarySaverOptions<never>> = {
  trigger: true,
  values: true,
  fetches: true,
  onFailure: true,
};

const ON_FAILURE: readonly unknown[] = ['continue', 'failRun'];

/**
 * Draws values at each firing of the trigger into one or several sinks, and adds what it drew to the stream.
 *
 *     source                                     b-c-1-2-3-4-e-|
 *     summarySaver(w, { trigger })               b-c-1-(s2)3-(s4)e-|      trigger: everySteps(2)
 *
 * Values are computed on the steps on which the trigger fires, and on no others; between them it sleeps. They stand at
 * the global step that counts the step they come from, so there are none at step 0 but those of the start.
 *
 * Before every checkpoint what is kept is written out, wherever the saver stands, so that the curves of a run that was
 * killed and goes on from there are those of a run that never was. At every creation of the session a mark tells readers
 * to drop what lies behind the step from which it goes on.
 *
 * A fetch that only the step can compute must be requested before it. Where the trigger tells its next step (as
 * `everySteps` does) it is, so its values are those of the firing step. Any other trigger is honoured one step later, for
 * sources with fetches alone.
 *
 * @param sinks e.g. `eventFileWriter('logs/train')`; hooks of one run may share one
 * @throws TypeError, RangeError for wrong arguments
 * @see TensorFlow, basic_session_run_hooks.py, SummarySaverHook
 * @see docs/guide/summaries.md
 */
export function summarySaver<O = unknown>(
  sinks: SummarySink | readonly SummarySink[],
  options: SummarySaverOptions<O>,
): Hook<SummaryEvent | SummaryFailedEvent, O> {
  checkOptions('summarySaver(options)', options, OPTIONS);
  const all = Array.isArray(sinks) ? (sinks as readonly SummarySink[]) : [sinks as SummarySink];
  if (all.length === 0) throw new RangeError('summarySaver(sinks): expected at least one sink, received none');
  for (const sink of all) {
    if (typeof sink?.open !== 'function') {
      throw new TypeError(
        `summarySaver(sinks): expected a sink, e.g. eventFileWriter(dir), received ${describeReceived(sink)}`,
      );
    }
  }
  const { trigger, values, fetches, onFailure = 'continue' } = options ?? {};
  expectTriggers('summarySaver(trigger)', [trigger]);
  if (!ON_FAILURE.includes(onFailure)) {
    throw new RangeError(
      `summarySaver(onFailure): expected 'continue' or 'failRun', received ${describeReceived(onFailure)}`,
    );
  }
  const sources = sourcesOf(values, fetches);
  // Who wants nothing computed within the step need not be told before it.
  const isAsking = sources.some((source) => source.fetches !== undefined && source.fetches.length > 0);
  return hook<SummaryEvent | SummaryFailedEvent, O>('summarySaver', (output) => {
    const Saver = isAsking ? AskingSummarySaver : ActiveSummarySaver;
    return new Saver({ sinks: all, sources, trigger, isFatal: onFailure === 'failRun', output });
  });
}

function sourcesOf<O>(
  values: SummarySaverOptions<O>['values'],
  fetches: readonly string[] | undefined,
): readonly SummarySource<O>[] {
  const fetched = fetches === undefined ? [] : [fetchedValues(fetches)];
  if (values === undefined) return fetched.length > 0 ? fetched : [stepOutputs(), hookMetrics()];
  const given = Array.isArray(values) ? (values as readonly (SummaryFunction<O> | SummarySource<O>)[]) : [values];
  const sources = given.map((source): SummarySource<O> => {
    if (typeof source === 'function') return { values: source };
    if (typeof source === 'object' && source !== null) return source as SummarySource<O>;
    throw new TypeError(`summarySaver(values): expected functions or sources, received ${describeReceived(source)}`);
  });
  return [...sources, ...fetched];
}
