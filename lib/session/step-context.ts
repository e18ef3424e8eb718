import type { Fetches } from './fetches.js';

/** What the user's step is given. Valid during that step. */
export class StepContext<S = unknown, T = unknown> {
  readonly #fetches: Fetches;
  #advance = 1;

  /**
   * @param globalStep the steps taken so far, not counting this one
   * @param signal aborted when the run is cancelled, for steps that wait for something
   */
  constructor(
    fetches: Fetches,
    readonly state: S,
    readonly batch: T,
    readonly globalStep: number,
    readonly signal: AbortSignal,
  ) {
    this.#fetches = fetches;
  }

  /** The fetches that hooks asked for in this step. */
  get requested(): ReadonlySet<string> {
    return this.#fetches.requested;
  }

  /** What hooks feed into this step, by key. */
  get feeds(): ReadonlyMap<string, unknown> {
    return this.#fetches.feeds;
  }

  /**
   * Gives the value of a fetch that only the step can know, e.g. gradients.
   *
   * @throws FetchError if there is no such fetch
   */
  provide(fetch: string, value: unknown): void {
    this.#fetches.provide(fetch, value);
  }

  /**
   * Says that this step counts as `steps` global steps instead of one; 0 if nothing was trained.
   *
   * @throws RangeError if `steps` is no whole number from 0
   */
  advanceBy(steps: number): void {
    if (!Number.isSafeInteger(steps) || steps < 0) {
      throw new RangeError(`advanceBy(steps): expected a whole number from 0, received ${steps}`);
    }
    this.#advance = steps;
  }

  /** The global steps that the step of `context` counts as. */
  static advanceOf(context: StepContext): number {
    return context.#advance;
  }
}
