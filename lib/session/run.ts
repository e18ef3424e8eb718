import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  finalize,
  ignoreElements,
  map,
  type Observable,
  type ObservableInput,
  retry,
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
import { Attempt } from './attempt.js';
import { Controls } from './controls.js';
import { BeginEvent, EndEvent, type FetchFunction, SessionCreatedEvent, type SessionEvent } from './event.js';
import type { Input } from './input.js';
import { Moment } from './moment.js';
import type { Recovery } from './recovery.js';
import type { RestoreSource } from './restore-source.js';
import type { Scaffold, SessionState } from './scaffold.js';
import { SliceTimer } from './slice-timer.js';
import type { StepContext } from './step-context.js';
import { StepLoop } from './step-loop.js';

export interface RunOptions<S extends SessionState, T, O> {
  readonly scaffold: Scaffold<S>;
  readonly step: (context: StepContext<S, T>) => O | ObservableInput<O>;
  readonly input: Input<T> | undefined;
  readonly restore: RestoreSource | undefined;
  readonly recovery: Recovery | undefined;
  readonly fetches: Readonly<Record<string, FetchFunction>>;
  readonly signal: AbortSignal | undefined;
  readonly stopGraceSeconds: number;
  readonly holdLimitSeconds: number | undefined;
  readonly captureLimitSeconds: number;
  readonly sliceMilliseconds: number;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/** One run of a session, from `begin` to the last word. */
export class Run<S extends SessionState, T, O> {
  readonly #subscriber: Subscriber<SessionEvent<S, O>>;
  readonly #options: RunOptions<S, T, O>;
  readonly #controls: Controls<S, T>;
  readonly #loop: StepLoop<S, T, O>;
  readonly #abort = new AbortController();
  readonly #cancelled = new Subject<void>();
  #attempts = 0;
  #isOver = false;

  constructor(subscriber: Subscriber<SessionEvent<S, O>>, options: RunOptions<S, T, O>) {
    const { logger, scheduler, holdLimitSeconds, captureLimitSeconds, step, sliceMilliseconds } = options;
    this.#subscriber = subscriber;
    this.#options = options;
    const moment = new Moment(holdLimitSeconds === undefined ? undefined : { seconds: holdLimitSeconds, scheduler });
    this.#controls = new Controls(logger, scheduler, moment, captureLimitSeconds);
    const slice = new SliceTimer(scheduler, sliceMilliseconds);
    this.#loop = new StepLoop(subscriber, this.#controls, step, slice, this.#abort.signal);
  }

  start(): void {
    const { failures, fetches } = this.#controls;
    for (const [name, compute] of Object.entries(this.#options.fetches)) fetches.add(name, compute);
    const signal = this.#follow(this.#options.signal);
    concat(
      concat(this.#tell(new BeginEvent(this.#controls)), this.#train()).pipe(
        concatMap((cause) => this.#tell(this.#endEvent(cause))),
        catchError((error: unknown) => {
          failures.add(error);
          return EMPTY;
        }),
      ),
      this.#close((error) => failures.add(error)),
    )
      .pipe(
        takeUntil(this.#cancelled),
        finalize(() => signal.unsubscribe()),
      )
      .subscribe({
        complete: () => {
          if (this.#isOver) return;
          this.#isOver = true;
          if (failures.isEmpty) this.#subscriber.complete();
          else this.#subscriber.error(failures.toError());
        },
      });
  }

  /** Ends the run without a word, as unsubscription asks; does nothing to a run that is over. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { logger, moment, coordinator } = this.#controls;
    moment.end();
    this.#abort.abort();
    this.#cancelled.next();
    const abandoned = coordinator.abandon();
    if (abandoned.length > 0) logger.debug({ abandoned }, 'background work of a cancelled run was let go');
    concat(
      // What a step that nobody waits for any more ends with concerns nobody.
      this.#loop.idle().pipe(catchError(() => EMPTY)),
      this.#dispose((error) => logger.error({ err: error }, 'a cancelled run could not be closed in order')),
    ).subscribe();
  }

  /** Takes the abortion of `signal` for a request to stop. */
  #follow(signal: AbortSignal | undefined): Subscription {
    if (signal === undefined) return Subscription.EMPTY;
    const stop = (): void =>
      this.#controls.requestStop(`aborted: ${signal.reason instanceof Error ? signal.reason.message : signal.reason}`);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return new Subscription(() => signal.removeEventListener('abort', stop));
  }

  /** Creates the session and takes its steps, again after each recovery; emits why there are no more. */
  #train(): Observable<EndEvent['cause']> {
    let recoveredFrom: unknown;
    return defer(() => {
      this.#controls.fetches.freeze();
      return this.#create(recoveredFrom);
    }).pipe(
      concatMap((attempt) => this.#loop.run(attempt)),
      retry({
        delay: (error: unknown) => {
          recoveredFrom = error;
          return this.#recover(error);
        },
      }),
    );
  }

  /** Makes the state, restores it where there is something to restore, and tells so. */
  #create(recoveredFrom: unknown): Observable<Attempt<S, T>> {
    const { scaffold, input, restore, logger } = this.#options;
    const controls = this.#controls;
    this.#attempts++;
    return Attempt.create<S, T>(scaffold, (error) =>
      logger.error({ err: error }, 'a state that came too late could not be disposed of'),
    ).pipe(
      concatMap((attempt) => {
        controls.attempt = attempt;
        attempt.open(input);
        return attempt.restore(restore, controls.tracked, logger).pipe(
          concatMap((restored) => {
            controls.globalStep = restored?.globalStep ?? 0;
            const { state } = attempt;
            return this.#tell(
              new SessionCreatedEvent(controls, state, controls.globalStep, this.#attempts, restored, recoveredFrom),
            );
          }),
          endWith(attempt),
        );
      }),
    );
  }

  /** Lets go of the attempt that failed with `error`, and emits when it is time for another; or fails for good. */
  #recover(error: unknown): Observable<unknown> {
    const { recovery, logger, scheduler } = this.#options;
    const { failures, moment, fetches, globalStep, interrupted$ } = this.#controls;
    moment.end();
    fetches.clear();
    failures.add(error);
    const [cause] = failures.all;
    const delaySeconds = recovery?.delayAfter(cause, globalStep);
    if (recovery === undefined || delaySeconds === undefined) return throwError(() => error);

    const further = failures.all.slice(1);
    logger.warn(
      { err: cause, ...(further.length > 0 && { further }), globalStep, delaySeconds, attempt: this.#attempts },
      'recovering: the session is created again',
    );
    const known = failures.all.length;
    return concat(
      this.#close((disposal) => logger.error({ err: disposal }, 'the state could not be let go of for a recovery')),
      defer(() => {
        // Background work that failed while it was told to stop, such as a last save, is a failure of its own.
        const fatal = failures.all.slice(known).find((later) => !recovery.isRecoverable(later));
        if (fatal !== undefined) return throwError(() => fatal);
        failures.take();
        this.#controls.renew();
        if (this.#controls.isInterrupted) return EMPTY;
        return timer(delaySeconds * 1000, scheduler).pipe(takeUntil(interrupted$));
      }),
    ).pipe(ignoreElements(), endWith(undefined));
  }

  #endEvent(cause: EndEvent['cause']): EndEvent<S> {
    const { attempt, globalStep, stopReason } = this.#controls;
    return new EndEvent(this.#controls, (attempt as Attempt<S, T>).state, globalStep, cause, stopReason);
  }

  /** Delivers an event and completes when nothing holds it any more. */
  #tell(event: SessionEvent<S, O>): Observable<never> {
    const { moment } = this.#controls;
    return defer(() => {
      moment.begin(event);
      this.#subscriber.next(event);
      return this.#controls.settle();
    }).pipe(tap({ complete: () => moment.end(), error: () => moment.end() }));
  }

  /** Lets go of the attempt: background work first, then input and state. Never fails. */
  #close(onError: (error: unknown) => void): Observable<never> {
    return defer(() => {
      const { stopGraceSeconds, scheduler, logger } = this.#options;
      this.#controls.moment.end();
      return concat(
        this.#controls.coordinator.stop(stopGraceSeconds, scheduler).pipe(
          map((stragglers) => {
            if (stragglers.length > 0) logger.warn({ stragglers }, 'background work did not stop in time');
          }),
          ignoreElements(),
        ),
        this.#dispose(onError),
      );
    });
  }

  #dispose(onError: (error: unknown) => void): Observable<never> {
    return defer(() => {
      const { attempt } = this.#controls;
      this.#controls.attempt = undefined;
      return attempt?.dispose(onError) ?? EMPTY;
    });
  }
}
