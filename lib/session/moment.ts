import { concat, defer, EMPTY, from, ignoreElements, type Observable, type ObservableInput } from 'rxjs';
import { EventPassedError } from '../error/event-passed-error.js';

/**
 * Whose moment it is: the event that is being delivered, and what holds the loop on its behalf.
 *
 * Invariant: there are holds only while there is an event.
 */
export class Moment {
  #event: object | undefined;
  #holds: ObservableInput<unknown>[] | undefined;

  /** The moment of `event` begins. */
  begin(event: object): void {
    this.#event = event;
  }

  /** The moment is over; holds that were not begun are forgotten. */
  end(): void {
    this.#event = undefined;
    this.#holds = undefined;
  }

  /** Whether something waits to be done before the loop may go on. */
  get isHeld(): boolean {
    return this.#holds !== undefined;
  }

  /**
   * REQUIRES: it is the moment of `event`.
   *
   * @param method what was called on the event
   * @throws EventPassedError if it is not
   */
  check(event: { readonly type: string }, method: string): void {
    if (event !== this.#event) throw new EventPassedError(event.type, method);
  }

  hold(work: ObservableInput<unknown>): void {
    this.#holds ??= [];
    this.#holds.push(work);
  }

  /** Begins the holds one after another, also those that are added meanwhile; completes when none is left. */
  drain(): Observable<never> {
    return defer(() => {
      const work = this.#holds?.shift();
      if (work === undefined) {
        this.#holds = undefined;
        return EMPTY;
      }
      return concat(from(work).pipe(ignoreElements()), this.drain());
    });
  }
}
