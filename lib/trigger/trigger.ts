import type { Observable } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import type { SaveCost } from './save-cost.js';

/**
 * Decides on which steps something happens: an operator over the step stream, of which *each emission is one firing*,
 * whatever it emits. RxJS's own operators are triggers as they are: `bufferCount(100)`, `throttleTime(60_000)`,
 * `sample(button$)`.
 *
 * A firing that comes between two steps is honoured at the next step, and several at one step count once. A trigger
 * that completes fires no more.
 *
 * The trigger of a saver is also told, by a second stream, what each save cost: see `saveWithinBudget`. The others leave
 * it alone; a trigger that shows steps to another one hands it on.
 *
 * @typeParam O what the steps return, for triggers that look at it
 */
export interface Trigger<O = unknown> {
  (steps: Observable<StepEvent<unknown, O>>, saves?: Observable<SaveCost>): Observable<unknown>;

  /**
   * If present: given the global step at which the trigger is, the first one from there on at which it matters that the
   * trigger sees the step. Steps below it need not be shown to the trigger at all, which makes waiting for it free.
   *
   * A step that advances by none comes again at the same global step: a trigger that wants to see it as well, for one
   * because it counts steps, answers with no more than `globalStep`. A trigger that fires between steps must not have
   * this.
   */
  readonly nextStep?: (globalStep: number) => number;

  /**
   * If present: the same trigger as if it had just fired at this global step. For who does at the start of a run what
   * the trigger is to repeat, such as a save. Only triggers that count from their last firing have it.
   */
  readonly begunAt?: (globalStep: number) => Trigger<O>;
}

/** A trigger that emits the step at which it fires, so that it can be used as an operator over steps, too. */
export interface StepTrigger<O = unknown> {
  <E extends StepEvent<unknown, O>>(steps: Observable<E>, saves?: Observable<SaveCost>): Observable<E>;
  /** @see Trigger.nextStep */
  readonly nextStep?: (globalStep: number) => number;
  /** @see Trigger.begunAt */
  readonly begunAt?: (globalStep: number) => Trigger<O>;
}
