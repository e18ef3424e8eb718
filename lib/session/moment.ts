import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  throwError,
  timeout,
} from 'rxjs';
import { EventPassedError } from '../error/event-passed-error.js';
import { HoldTimeoutError } from '../error/hold-timeout-error.js';

/** The number of the moment that an event had last. */
export const MOMENT = Symbol('moment');

/** What can have a moment. */
export interface Momentary {
  readonly type: string;
  [MOMENT]?: number;
}

/** Work that holds an event. */
interface Hold {
  readonly work: Observable<unknown>;
  readonly hook: string | undefined;
  readonly event: string;
}

/** How long a hold may take. */
export interface HoldLimit {
  readonly seconds: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Told when a hold begins; what it returns is told when that hold is over, however it ended.
 *
 * @param hook who holds
 * @param event the type of the event that is held
 */
export type HoldWatch = (hook: string | undefined, event: string) => () => void;

/**
 * Whose moment it is, and what holds the loop on its behalf.
 *
 * Moments are numbered, and an event knows its number: to keep the event here would cost more, for the garbage
 * collector, than all else that is done to tell of a step.
 *
 * Invariant: there are holds only while it is the moment of an event.
 */
export class Moment {
  #number = 1;
  #holds: Hold[] | undefined;
  /** For who records the run. */
  watch: HoldWatch | undefined;

  /** @param limit for each hold; without it a hold may take for ever */
  constructor(readonly limit?: HoldLimit) {}

  /** What an event must have for `MOMENT` so that it is its moment. The step loop sets it itself, as that is quicker. */
  get number(): number {
    return this.#number;
  }

  /** The moment of `event` begins. */
  begin(event: Momentary): void {
    event[MOMENT] = this.#number;
  }

  /** The moment is over; holds that were not begun are forgotten. */
  end(): void {
    this.#number = (this.#number + 1) | 0;
    if (this.#holds !== undefined) this.#holds = undefined;
  }

  /** Whether something waits to be done before the loop may go on. */
  get isHeld(): boolean {
    return this.#holds !== undefined;
  }

  /**
   * @param method what was called on the event
   * @throws EventPassedError if it is not the moment of `event`
   */
  check(event: Momentary, method: string): void {
    if (event[MOMENT] !== this.#number) throw new EventPassedError(event.type, method);
  }

  /**
   * REQUIRES: there is an event.
   *
   * @param hook who holds, for messages
   * @param event the type of the event, for messages
   * @throws TypeError if `work` is nothing that can be waited for
   */
  hold(work: ObservableInput<unknown>, hook?: string, event = 'an event'): void {
    const hold = { work: from(work), hook, event };
    // A promise that is rejected while it waits for its turn is not an unhandled one.
    if (work instanceof Promise) work.catch(() => {});
    this.#holds ??= [];
    this.#holds.push(hold);
  }

  /** Begins the holds one after another, also those that are added meanwhile; completes when none is left. */
  drain(): Observable<never> {
    return defer(() => {
      const hold = this.#holds?.shift();
      if (hold === undefined) {
        this.#holds = undefined;
        return EMPTY;
      }
      return concat(this.#watched(hold), this.drain());
    });
  }

  #watched(hold: Hold): Observable<never> {
    const { watch } = this;
    if (watch === undefined) return this.#limited(hold);
    return defer(() => this.#limited(hold).pipe(finalize(watch(hold.hook, hold.event))));
  }

  #limited({ work, hook, event }: Hold): Observable<never> {
    const done = work.pipe(ignoreElements());
    if (this.limit === undefined) return done;
    const { seconds, scheduler } = this.limit;
    return done.pipe(
      timeout({
        each: seconds * 1000,
        scheduler,
        with: () => throwError(() => new HoldTimeoutError(hook, event, seconds)),
      }),
    );
  }
}
