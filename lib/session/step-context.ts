import { describeReceived } from '../error/describe-received.js';
import { EventPassedError } from '../error/event-passed-error.js';
import type { Fetches } from './fetches.js';

/** What the user's step is given. Valid during that step. */
export class StepContext<S = unknown, T = unknown> {
  // Declared and assigned, as the fields of events are, for the same reason.
  #fetches: Fetches | undefined;
  #advance = 1;
  declare readonly state: S;
  /** What the input gave for this step; `undefined` in a session without input. */
  declare readonly batch: T;
  declare readonly globalStep: number;
  declare readonly signal: AbortSignal;

  /**
   * @param globalStep the steps taken so far, not counting this one
   * @param signal aborted when the run is cancelled, for steps that wait for something
   */
  constructor(fetches: Fetches, state: S, batch: T, globalStep: number, signal: AbortSignal) {
    this.#fetches = fetches;
    this.state = state;
    this.batch = batch;
    this.globalStep = globalStep;
    this.signal = signal;
  }

  /** The fetches that hooks asked for in this step. */
  get requested(): ReadonlySet<string> {
    return StepContext.fetchesOf(this, 'requested').requested;
  }

  /** What hooks feed into this step, by key. */
  get feeds(): ReadonlyMap<string, unknown> {
    return StepContext.fetchesOf(this, 'feeds').feeds;
  }

  /**
   * Gives the value of a fetch that only the step can know, e.g. gradients.
   *
   * @throws FetchError if there is no such fetch
   * @throws EventPassedError if the step is over
   */
  provide(fetch: string, value: unknown): void {
    StepContext.fetchesOf(this, 'provide').provide(fetch, value);
  }

  /**
   * Says that this step counts as `steps` global steps instead of one; 0 if nothing was trained.
   *
   * @throws RangeError if `steps` is no whole number from 0
   * @throws EventPassedError if the step is over
   */
  advanceBy(steps: number): void {
    if (!Number.isSafeInteger(steps) || steps < 0) {
      throw new RangeError(`advanceBy(steps): expected a whole number from 0, received ${describeReceived(steps)}`);
    }
    StepContext.fetchesOf(this, 'advanceBy');
    this.#advance = steps;
  }

  /** Ends the step of `context`; the global steps that it counts as. */
  static close(context: StepContext): number {
    context.#fetches = undefined;
    return context.#advance;
  }

  /** What takes the values of the step, while it goes on. */
  static fetchesOf(context: StepContext, method: string): Fetches {
    const fetches = context.#fetches;
    if (fetches === undefined) throw new EventPassedError('step', method);
    return fetches;
  }
}
