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
   * over, `stop$` tells it to finish, and the session waits for it during the grace period; what still goes on then is
   * unsubscribed.
   *
   * Work belongs to the state that was there when it was registered: a recovery stops it, and whoever needs it
   * registers it again at the `sessionCreated` that follows.
   *
   * @param name for messages, e.g. `upload`
   * @throws TypeError if `work` is nothing that can be subscribed to
   * @throws Error if the run, or the state that it belongs to, is over
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
  #isOver = false;

  readonly stop$: Observable<void> = defer(() => (this.#isStopping ? of(undefined) : this.#stop.pipe(take(1))));

  /** @param onFailure is told of each work that fails */
  constructor(onFailure: (name: string, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  register(name: string, work: ObservableInput<unknown>): void {
    if (this.#isOver) throw new Error(`register(): "${name}" comes after the end of the run that it was to go with`);
    const work$ = from(work);
    const subscription = new Subscription();
    this.#works.set(subscription, name);
    const leave = (): void => {
      this.#works.delete(subscription);
      this.#left.next();
    };
    subscription.add(
      work$.subscribe({
        error: (error: unknown) => {
          // First the failure: who waits for the work to be gone must find it recorded.
          this.#onFailure(name, error);
          leave();
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
      this.#tellStop();
      const allLeft = this.#left.pipe(
        startWith(undefined),
        filter(() => this.#works.size === 0),
        take(1),
      );
      return race(allLeft, timer(graceSeconds * 1000, scheduler)).pipe(map(() => this.abandon()));
    });
  }

  /** Tells all work to stop, unsubscribes what still goes on then, and returns its names. */
  abandon(): readonly string[] {
    this.#tellStop();
    this.#isOver = true;
    const names = [...this.#works.values()];
    for (const subscription of [...this.#works.keys()]) subscription.unsubscribe();
    this.#works.clear();
    return names;
  }

  #tellStop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stop.next();
    this.#stop.complete();
  }
}
