import type { Observable } from 'rxjs';
import type { StepEvent } from '../session/event.js';

/**
 * Decides on which steps something happens: an operator over the step stream, of which *each emission is one firing*,
 * whatever it emits. RxJS's own operators are triggers as they are: `bufferCount(100)`, `throttleTime(60_000)`,
 * `sample(button$)`.
 *
 * A firing that comes between two steps is honoured at the next step, and several at one step count once.
 *
 * @typeParam O what the steps return, for triggers that look at it
 */
export interface Trigger<O = unknown> {
  (steps: Observable<StepEvent<unknown, O>>): Observable<unknown>;

  /**
   * If present: the first global step after `globalStep` at which the trigger could fire. Steps before it need not be
   * shown to the trigger at all, which makes waiting for it free. Only for triggers that keep no count of their own.
   */
  readonly nextStep?: (globalStep: number) => number;
}
