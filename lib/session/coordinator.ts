import {
  defer,
  filter,
  from,
  map,
  type Observable,
  type ObservableInput,
  of,
  race,
  type SchedulerLike,
  Subject,
  Subscription,
  startWith,
  take,
  timer,
} from 'rxjs';

/** Watches over work that goes on beside the steps of a run: uploads, background saves, servers. */
export interface Coordinator {
  /**
   * Begins `work` and watches it. Its failure fails (or recovers) the run at the next step boundary. When the run is
   * over, `stop$` tells it to finish, and the session waits for it during the grace period.
   *
   * @param name for messages, e.g. `upload`
   */
  register(name: string, work: ObservableInput<unknown>): void;
  /** Emits once, and completes, when the run ends or fails: time to finish. Late subscribers are told at once. */
  readonly stop$: Observable<void>;
}

/** The coordinator of one attempt of a run. */
export class WorkCoordinator implements Coordinator {
  readonly #onFailure: (name: string, error: unknown) => void;
  readonly #stop = new Subject<void>();
  readonly #left = new Subject<void>();
  readonly #works = new Map<Subscription, string>();
  #isStopping = false;

  readonly stop$: Observable<void> = defer(() => (this.#isStopping ? of(undefined) : this.#stop.pipe(take(1))));

  /** @param onFailure is told of each work that fails */
  constructor(onFailure: (name: string, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  register(name: string, work: ObservableInput<unknown>): void {
    const subscription = new Subscription();
    this.#works.set(subscription, name);
    const leave = (): void => {
      this.#works.delete(subscription);
      this.#left.next();
    };
    subscription.add(
      from(work).subscribe({
        error: (error: unknown) => {
          leave();
          this.#onFailure(name, error);
        },
        complete: leave,
      }),
    );
  }

  /**
   * Tells all work to stop, waits for it, and emits the names of those that did not within the grace period; these are
   * unsubscribed.
   */
  stop(graceSeconds: number, scheduler: SchedulerLike): Observable<readonly string[]> {
    return defer(() => {
      this.#isStopping = true;
      this.#stop.next();
      const allLeft = this.#left.pipe(
        startWith(undefined),
        filter(() => this.#works.size === 0),
        take(1),
      );
      return race(allLeft, timer(graceSeconds * 1000, scheduler)).pipe(map(() => this.abandon()));
    });
  }

  /** Unsubscribes all work that still goes on, and returns its names. */
  abandon(): readonly string[] {
    const names = [...this.#works.values()];
    for (const subscription of this.#works.keys()) subscription.unsubscribe();
    this.#works.clear();
    return names;
  }
}
