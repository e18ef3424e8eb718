import { FeedConflictError } from '../error/feed-conflict-error.js';
import { FetchError } from '../error/fetch-error.js';
import type { FetchFunction, StepEvent } from './event.js';

const NOTHING: ReadonlySet<string> = new Set();
const NO_FEEDS: ReadonlyMap<string, unknown> = new Map();

/** The fetches and feeds of one run, and what was asked and given in the current step. */
export class Fetches {
  readonly #functions = new Map<string, FetchFunction | undefined>();
  #isFrozen = false;
  // All made only when first needed: a step of which nobody asks anything allocates nothing here.
  #requested: Set<string> | undefined;
  #feeds: Map<string, unknown> | undefined;
  #feeders: Map<string, string> | undefined;
  #values: Map<string, unknown> | undefined;

  add(name: string, compute: FetchFunction | undefined): void {
    if (this.#isFrozen) {
      throw new FetchError(name, 'was added after begin', 'add fetches in `begin`, or give them to trainingSession()');
    }
    if (this.#functions.has(name)) throw new FetchError(name, 'is registered twice', 'choose another name');
    this.#functions.set(name, compute);
  }

  /** After `begin`: the set of fetches stands. */
  freeze(): void {
    this.#isFrozen = true;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** What was asked for in this step. */
  get requested(): ReadonlySet<string> {
    return this.#requested ?? NOTHING;
  }

  /** What hooks feed into this step. */
  get feeds(): ReadonlyMap<string, unknown> {
    return this.#feeds ?? NO_FEEDS;
  }

  request(names: readonly string[]): void {
    this.#requested ??= new Set();
    for (const name of names) {
      this.#mustKnow(name);
      this.#requested.add(name);
    }
  }

  feed(key: string, value: unknown, hook: string): void {
    this.#feeds ??= new Map();
    this.#feeders ??= new Map();
    const first = this.#feeders.get(key);
    if (first !== undefined) throw new FeedConflictError(key, first, hook);
    this.#feeds.set(key, value);
    this.#feeders.set(key, hook);
  }

  /** Takes a value that the user's step provides. */
  provide(name: string, value: unknown): void {
    this.#mustKnow(name);
    this.#values ??= new Map();
    this.#values.set(name, value);
  }

  /** The value of a fetch for `step`. */
  valueOf(name: string, step: StepEvent): unknown {
    if (this.#values?.has(name)) return this.#values.get(name);
    const compute = this.#mustKnow(name);
    if (compute === undefined) {
      throw new FetchError(
        name,
        'was not provided by this step',
        'request it in beforeStep, and provide it in the step when `context.requested` has it',
      );
    }
    const value = compute(step);
    this.#values ??= new Map();
    this.#values.set(name, value);
    return value;
  }

  /** Forgets what was asked and given, for the next step. */
  clear(): void {
    if (this.#requested !== undefined) this.#requested = undefined;
    if (this.#feeds !== undefined) this.#feeds = this.#feeders = undefined;
    if (this.#values !== undefined) this.#values = undefined;
  }

  #mustKnow(name: string): FetchFunction | undefined {
    if (!this.#functions.has(name)) {
      const known = [...this.#functions.keys()].sort();
      const hint = known.length > 0 ? `there are: ${known.join(', ')}` : 'none is registered';
      throw new FetchError(name, 'is unknown', hint);
    }
    return this.#functions.get(name);
  }
}
