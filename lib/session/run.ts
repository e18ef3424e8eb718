import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  Subject,
  type Subscriber,
  Subscription,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import { Attempt } from './attempt.js';
import { type Coordinator, WorkCoordinator } from './coordinator.js';
import {
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  type FetchFunction,
  SessionCreatedEvent,
  type SessionEvent,
  StepEvent,
} from './event.js';
import { Fetches } from './fetches.js';
import type { Input } from './input.js';
import { isPending } from './is-pending.js';
import { Moment } from './moment.js';
import type { Recovery } from './recovery.js';
import type { RestoreSource } from './restore-source.js';
import type { RunControl, TrackedPart } from './run-control.js';
import type { Scaffold, SessionState } from './scaffold.js';
import { SliceTimer } from './slice-timer.js';
import { StepContext } from './step-context.js';

interface RunOptions<S extends SessionState, T, O> {
  readonly scaffold: Scaffold<S>;
  readonly step: (context: StepContext<S, T>) => O | ObservableInput<O>;
  readonly input: Input<T> | undefined;
  readonly restore: RestoreSource | undefined;
  readonly recovery: Recovery | undefined;
  readonly fetches: Readonly<Record<string, FetchFunction>>;
  readonly signal: AbortSignal | undefined;
  readonly stopGraceSeconds: number;
  readonly sliceMilliseconds: number;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/**
 * One run of a session: what stands behind the events.
 *
 * Invariant: at most one of these goes on at a time: the loop, work that the loop waits for, the way in or out.
 */
export class Run<S extends SessionState, T, O> implements RunControl {
  actingHook: string | undefined;
  readonly #subscriber: Subscriber<SessionEvent<S, O>>;
  readonly #options: RunOptions<S, T, O>;
  readonly #fetches = new Fetches();
  readonly #tracked = new Map<string, TrackedPart>();
  readonly #abort = new AbortController();
  readonly #stopAsked = new Subject<void>();
  readonly #slice: SliceTimer;
  readonly #moment = new Moment();
  readonly #pending = new Subscription();
  #coordinator = new WorkCoordinator(() => {});
  #attempt: Attempt<S, T> | undefined;
  #attempts = 0;
  #globalStep = 0;
  #failure: { readonly error: unknown } | undefined;
  #stopReason: string | undefined;
  #isEnding = false;
  #isOver = false;

  constructor(subscriber: Subscriber<SessionEvent<S, O>>, options: RunOptions<S, T, O>) {
    this.#subscriber = subscriber;
    this.#options = options;
    this.#slice = new SliceTimer(options.scheduler, options.sliceMilliseconds);
  }

  // ---- what events ask for

  get coordinator(): Coordinator {
    return this.#coordinator;
  }

  get logger(): Logger {
    return this.#options.logger;
  }

  get scheduler(): SchedulerLike {
    return this.#options.scheduler;
  }

  hold(event: SessionEvent, work: ObservableInput<unknown>): void {
    this.#moment.check(event, 'waitUntil');
    this.#moment.hold(work);
  }

  requestStop(reason: string): void {
    if (this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.logger.debug({ reason, globalStep: this.#globalStep }, 'stop requested');
    this.#stopAsked.next();
  }

  fail(error: unknown): void {
    if (this.#failure === undefined) this.#failure = { error };
    else this.logger.error({ err: error, globalStep: this.#globalStep }, 'a further error while the run was failing');
  }

  captureState(): Observable<StateSnapshot> {
    return defer(() => {
      if (this.#attempt === undefined) throw new Error('captureState(): there is no state before sessionCreated');
      return this.#attempt.capture(this.#globalStep, this.#tracked);
    });
  }

  track(key: string, part: TrackedPart): void {
    if (key === '' || key.includes('/')) {
      throw new RangeError(`track(key): expected a key without "/", received "${key}"`);
    }
    if (this.#tracked.has(key)) {
      throw new RangeError(`track(key): two hooks have the key "${key}"; give one of them another \`key\``);
    }
    this.#tracked.set(key, part);
  }

  addFetch(name: string, compute: FetchFunction | undefined): void {
    this.#fetches.add(name, compute);
  }

  request(event: SessionEvent, fetches: readonly string[]): void {
    this.#moment.check(event, 'request');
    this.#fetches.request(fetches);
  }

  feed(event: SessionEvent, key: string, value: unknown): void {
    this.#moment.check(event, 'feed');
    this.#fetches.feed(key, value, this.actingHook ?? 'unnamed');
  }

  fetched(event: StepEvent, name: string): unknown {
    this.#moment.check(event, 'fetch');
    return this.#fetches.valueOf(name, event);
  }

  // ---- from the start to the first step

  start(): void {
    const { signal, fetches } = this.#options;
    this.#follow(signal);
    for (const [name, compute] of Object.entries(fetches)) this.#fetches.add(name, compute);
    const begin = new BeginEvent(this);
    this.#perform(
      concat(
        this.#tell(begin),
        defer(() => {
          this.#fetches.freeze();
          return this.#create(undefined);
        }),
      ),
      () => this.#drive(),
    );
  }

  #follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const stop = (): void =>
      this.requestStop(`aborted: ${signal.reason instanceof Error ? signal.reason.message : signal.reason}`);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#pending.add(() => signal.removeEventListener('abort', stop));
  }

  /** Makes the state, restores it where there is something to restore, and tells so. */
  #create(recoveredFrom: unknown): Observable<unknown> {
    return defer(() => {
      this.#attempts++;
      this.#coordinator = new WorkCoordinator((name, error) => {
        this.logger.error({ err: error, work: name }, 'background work failed');
        this.fail(error);
      });
      return Attempt.open(this.#options.scaffold, this.#options.input);
    }).pipe(
      concatMap((attempt) => {
        this.#attempt = attempt;
        return attempt.restore(this.#options.restore, this.#tracked, this.logger).pipe(
          concatMap((restored) => {
            this.#globalStep = restored?.globalStep ?? 0;
            return this.#tell(
              new SessionCreatedEvent(this, attempt.state, this.#globalStep, this.#attempts, restored, recoveredFrom),
            );
          }),
        );
      }),
    );
  }

  // ---- the loop

  /** Takes steps until something asynchronous is waited for, the slice is over, or the run ends. */
  #drive(): void {
    this.#slice.start();
    try {
      while (!this.#isOver) {
        if (this.#failure !== undefined || this.#stopReason !== undefined) {
          this.#leave();
          return;
        }
        if (this.#slice.isOver()) {
          this.#yield();
          return;
        }
        if (!this.#pull()) return;
      }
    } catch (error) {
      this.#recoverOrFail(error);
    }
  }

  #leave(): void {
    if (this.#failure !== undefined) this.#recoverOrFail(this.#failure.error);
    else this.#finish('stopRequested');
  }

  #yield(): void {
    const turn = this.scheduler.schedule(() => {
      this.#pending.remove(turn);
      this.#drive();
    });
    this.#pending.add(turn);
  }

  // Each of the following does its part of a step and calls the next; true if the step is over and the loop goes on,
  // false if something is waited for that will call #drive().

  #pull(): boolean {
    const pulled = (this.#attempt as Attempt<S, T>).cursor.next();
    return isPending(pulled)
      ? this.#later(pulled, (result) => this.#announce(result as IteratorResult<T, unknown>))
      : this.#announce(pulled);
  }

  #announce(result: IteratorResult<T, unknown>): boolean {
    if (result.done === true) {
      this.#finish('inputExhausted');
      return false;
    }
    const { state } = this.#attempt as Attempt<S, T>;
    const event = new BeforeStepEvent(this, state, this.#globalStep);
    this.#moment.begin(event);
    this.#subscriber.next(event);
    return this.#moment.isHeld || this.#failure !== undefined
      ? this.#later(this.#drain(), () => this.#train(state, result.value))
      : this.#train(state, result.value);
  }

  #train(state: S, batch: T): boolean {
    this.#moment.end();
    if (this.#isOver) return false;
    const context = new StepContext(this.#fetches, state, batch, this.#globalStep, this.#abort.signal);
    const outputs = this.#options.step(context);
    return isPending(outputs)
      ? this.#later(outputs, (last) => this.#report(context, last as O))
      : this.#report(context, outputs);
  }

  #report(context: StepContext<S, T>, outputs: O): boolean {
    const previous = this.#globalStep;
    this.#globalStep = previous + StepContext.advanceOf(context);
    const event = new StepEvent(this, context.state, this.#globalStep, previous, outputs);
    this.#moment.begin(event);
    this.#subscriber.next(event);
    return this.#moment.isHeld || this.#failure !== undefined
      ? this.#later(this.#drain(), () => this.#conclude())
      : this.#conclude();
  }

  #conclude(): boolean {
    this.#moment.end();
    this.#fetches.clear();
    return true;
  }

  /** Goes on with `then` and the last value of `work` when that completes; at once if it does so at once. */
  #later(work: ObservableInput<unknown>, then: (last: unknown) => boolean): boolean {
    let last: unknown;
    let isAtOnce = true;
    let goesOn = false;
    const subscription = from(work).subscribe({
      next: (value) => {
        last = value;
      },
      error: (error: unknown) => this.#recoverOrFail(error),
      complete: () => {
        if (isAtOnce) {
          goesOn = true;
          return;
        }
        this.#pending.remove(subscription);
        this.#resume(() => then(last));
      },
    });
    isAtOnce = false;
    if (goesOn) return then(last);
    if (!subscription.closed) this.#pending.add(subscription);
    return false;
  }

  #resume(then: () => boolean): void {
    if (this.#isOver) return;
    try {
      if (!then()) return;
    } catch (error) {
      this.#recoverOrFail(error);
      return;
    }
    this.#drive();
  }

  // ---- delivery

  /** Delivers an event and completes when nothing holds it any more. */
  #tell(event: SessionEvent<S, O>): Observable<never> {
    return defer(() => {
      this.#moment.begin(event);
      this.#subscriber.next(event);
      return this.#drain();
    }).pipe(tap({ complete: () => this.#moment.end() }));
  }

  /** Waits for what holds the current event, unless the run fails already. */
  #drain(): Observable<never> {
    return concat(
      defer(() => this.#failed()),
      this.#moment.drain(),
      defer(() => this.#failed()),
    );
  }

  #failed(): Observable<never> {
    const failure = this.#failure;
    return failure === undefined ? EMPTY : throwError(() => failure.error);
  }

  // ---- the ways out

  #finish(cause: EndEvent['cause']): void {
    this.#isEnding = true;
    const { state } = this.#attempt as Attempt<S, T>;
    const end = new EndEvent(this, state, this.#globalStep, cause, this.#stopReason);
    this.#perform(concat(this.#tell(end), this.#close()), () => {
      this.#isOver = true;
      this.#subscriber.complete();
    });
  }

  #recoverOrFail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = { error };
    this.#moment.end();
    this.#fetches.clear();
    const delaySeconds = this.#isEnding ? undefined : this.#options.recovery?.delayAfter(error, this.#globalStep);
    if (delaySeconds === undefined) {
      this.#perform(this.#closeAfter(error), () => this.#giveUp(error));
      return;
    }
    this.logger.warn(
      { err: error, globalStep: this.#globalStep, delaySeconds, attempt: this.#attempts },
      'recovering: the session is created again',
    );
    const delay = timer(delaySeconds * 1000, this.scheduler).pipe(
      takeUntil(this.#stopReason === undefined ? this.#stopAsked : of(undefined)),
      ignoreElements(),
    );
    this.#perform(
      concat(
        this.#closeAfter(error),
        delay,
        defer(() => {
          this.#failure = undefined;
          return this.#create(error);
        }),
      ),
      () => this.#drive(),
    );
  }

  #giveUp(error: unknown): void {
    this.#isOver = true;
    this.#subscriber.error(error);
  }

  /** Lets go of the attempt: background work first, then input and state. Fails if background work had failed. */
  #close(): Observable<never> {
    return concat(
      this.#coordinator.stop(this.#options.stopGraceSeconds, this.scheduler).pipe(
        tap((stragglers) => {
          if (stragglers.length > 0) this.logger.warn({ stragglers }, 'background work did not stop in time');
        }),
        ignoreElements(),
      ),
      this.#dispose(),
      defer(() => this.#failed()),
    );
  }

  /** As {@link #close}, when the run fails already: what goes wrong here must not hide why. */
  #closeAfter(reason: unknown): Observable<never> {
    return this.#close().pipe(
      catchError((error: unknown) => {
        if (error !== reason) this.logger.error({ err: error }, 'a further error while the run was failing');
        return EMPTY;
      }),
    );
  }

  #dispose(): Observable<never> {
    return defer(() => {
      if (this.#attempt === undefined) return EMPTY;
      const attempt = this.#attempt;
      this.#attempt = undefined;
      return attempt.dispose();
    });
  }

  /** Ends the run without a word, as unsubscription asks; does nothing to a run that is over. */
  cancel(): void {
    this.#pending.unsubscribe();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort.abort();
    this.#coordinator.stop(0, this.scheduler).subscribe().unsubscribe();
    this.#coordinator.abandon();
    this.#dispose().subscribe({
      error: (error: unknown) =>
        this.logger.error({ err: error }, 'the state of a cancelled run could not be disposed of'),
    });
  }

  /** Subscribes to `work` on behalf of the run. */
  #perform(work: Observable<unknown>, then: () => void): void {
    const subscription = new Subscription();
    this.#pending.add(subscription);
    subscription.add(
      work.subscribe({
        error: (error: unknown) => {
          this.#pending.remove(subscription);
          this.#recoverOrFail(error);
        },
        complete: () => {
          this.#pending.remove(subscription);
          if (!this.#isOver) then();
        },
      }),
    );
  }
}
