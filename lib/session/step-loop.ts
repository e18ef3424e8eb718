import { EMPTY, from, Observable, type ObservableInput, Subject, Subscriber, Subscription, take } from 'rxjs';
import type { Attempt } from './attempt.js';
import type { Controls } from './controls.js';
import { BeforeStepEvent, type EndEvent, type SessionEvent, StepEvent } from './event.js';
import type { InputCursor } from './input.js';
import { isPending } from './is-pending.js';
import { MOMENT } from './moment.js';
import type { SessionState } from './scaffold.js';
import type { SliceTimer } from './slice-timer.js';
import { StepContext } from './step-context.js';

type Target<S, O> = { next(event: SessionEvent<S, O>): void };
type Pulled<T> = IteratorResult<T, unknown>;

/**
 * Takes the steps of a run.
 *
 * Invariant: at most one of these goes on at a time: the loop on the stack, one thing that it waits for, one turn that
 * it has asked for. Whatever ends comes back to {@link StepLoop.#drive}, which alone decides whether to go on.
 */
export class StepLoop<S extends SessionState, T, O> {
  readonly #target: Target<S, O>;
  readonly #controls: Controls<S, T>;
  readonly #step: (context: StepContext<S, T>) => O | ObservableInput<O>;
  readonly #slice: SliceTimer;
  readonly #signal: AbortSignal;
  #attempt!: Attempt<S, T>;
  #cursor!: InputCursor<T>;
  /** Who is told how the loop ended; closed when the run is cancelled. */
  #done: Subscriber<EndEvent['cause']> = new Subscriber();
  /** What is waited for. */
  #waiting: Subscription | undefined;
  /** The input that is waited for: a stop or a failure need not wait for it, for no step has begun. */
  #inputWait: Subscription | undefined;
  /** Whether the loop is on the stack, and with it perhaps the user's step; who waits for it to be gone is told. */
  #isDriving = false;
  readonly #left = new Subject<void>();
  /** The step that was begun and cannot be cancelled. */
  #promisedStep: ObservableInput<unknown> | undefined;

  constructor(
    target: Target<S, O>,
    controls: Controls<S, T>,
    step: (context: StepContext<S, T>) => O | ObservableInput<O>,
    slice: SliceTimer,
    signal: AbortSignal,
  ) {
    this.#target = target;
    this.#controls = controls;
    this.#step = step;
    this.#slice = slice;
    this.#signal = signal;
  }

  /** Takes steps on the state of `attempt`; emits why there are no more, or fails. */
  run(attempt: Attempt<S, T>): Observable<EndEvent['cause']> {
    return new Observable((subscriber) => {
      this.#attempt = attempt;
      this.#cursor = attempt.cursor;
      this.#done = subscriber;
      subscriber.add(this.#controls.interrupted$.subscribe(() => this.#interrupt()));
      this.#slice.start();
      this.#drive();
    });
  }

  /** Completes when no step uses the state any more. For who has unsubscribed from {@link run}. */
  idle(): Observable<unknown> {
    if (this.#isDriving) return this.#left.pipe(take(1));
    return this.#promisedStep === undefined ? EMPTY : from(this.#promisedStep);
  }

  /**
   * Takes steps until something is waited for, the slice is over, or the run ends.
   *
   * @param then what is left of the step that waited, if one did
   */
  #drive(then?: () => boolean): void {
    this.#isDriving = true;
    try {
      if (then === undefined || then()) this.#takeSteps();
    } catch (error) {
      this.#fail(error);
    }
    this.#isDriving = false;
    if (this.#done.closed) this.#left.next();
  }

  #takeSteps(): void {
    const controls = this.#controls;
    const done = this.#done;
    while (!done.closed) {
      if (controls.isInterrupted) {
        this.#leave();
        return;
      }
      if (this.#slice.isOver()) {
        this.#yield();
        return;
      }
      if (!this.#pull()) return;
    }
  }

  #leave(): void {
    const { failures } = this.#controls;
    if (failures.isEmpty) this.#end('stopRequested');
    else this.#fail(failures.all[0]);
  }

  #end(cause: EndEvent['cause']): void {
    this.#done.next(cause);
    this.#done.complete();
  }

  #fail(error: unknown): void {
    if (this.#done.closed) this.#controls.logger.warn({ err: error }, 'a step failed after the run was cancelled');
    this.#promisedStep = undefined;
    this.#done.error(error);
  }

  /** Goes on in another turn of the event loop. */
  #yield(): void {
    const turn = new Subscription();
    this.#done.add(turn);
    turn.add(
      this.#controls.scheduler.schedule(() => {
        this.#done.remove(turn);
        this.#slice.start();
        this.#drive();
      }),
    );
  }

  // Each of the following does its part of a step and calls the next; true if the step is over and the loop goes on,
  // false if something is waited for that will call #drive(), or if the run is over.

  #pull(): boolean {
    const pulled = this.#cursor.next();
    // Results have `done`, streams of them do not; only an iterator that leaves it out needs the closer look.
    if ((pulled as Pulled<T>).done === undefined && isPending<Pulled<T>>(pulled)) return this.#await(pulled);
    return this.#announce(pulled as Pulled<T>);
  }

  #await(pulled: ObservableInput<Pulled<T>>): boolean {
    const goesOn = this.#later(pulled, (result) => {
      this.#inputWait = undefined;
      if (result === undefined) throw new TypeError('input: next() completed without a result');
      return this.#announce(result as Pulled<T>);
    });
    if (!goesOn) this.#inputWait = this.#waiting;
    return goesOn;
  }

  #announce(result: Pulled<T>): boolean {
    const controls = this.#controls;
    if (result.done === true) {
      if (controls.isInterrupted) this.#leave();
      else this.#end('inputExhausted');
      return false;
    }
    const event = new BeforeStepEvent(controls, this.#attempt.state, controls.globalStep);
    event[MOMENT] = controls.moment.number;
    this.#target.next(event);
    return controls.mustSettle ? this.#trainSettled(result.value) : this.#train(result.value);
  }

  #train(batch: T): boolean {
    const controls = this.#controls;
    controls.moment.end();
    if (this.#done.closed) return false;
    const context = new StepContext(controls.fetches, this.#attempt.state, batch, controls.globalStep, this.#signal);
    const outputs = this.#step(context);
    if (!isPending(outputs)) return this.#report(context, outputs);
    return this.#reportLater(context, outputs);
  }

  #report(context: StepContext<S, T>, outputs: O): boolean {
    if (this.#done.closed) return false;
    const controls = this.#controls;
    const previous = controls.globalStep;
    controls.globalStep = previous + StepContext.close(context);
    const event = new StepEvent(controls, this.#attempt.state, controls.globalStep, previous, outputs);
    event[MOMENT] = controls.moment.number;
    this.#target.next(event);
    return controls.mustSettle ? this.#settle(() => this.#conclude()) : this.#conclude();
  }

  #conclude(): boolean {
    this.#controls.moment.end();
    this.#controls.fetches.clear();
    return true;
  }

  // ---- waiting

  // The closures are made in methods of their own: a method that has one allocates for it on every call.

  #trainSettled(batch: T): boolean {
    return this.#settle(() => this.#train(batch));
  }

  #reportLater(context: StepContext<S, T>, outputs: ObservableInput<O>): boolean {
    if (outputs instanceof Promise) this.#promisedStep = outputs;
    return this.#later(outputs, (last) => {
      this.#promisedStep = undefined;
      return this.#report(context, last as O);
    });
  }

  #settle(then: () => boolean): boolean {
    if (this.#done.closed) return false;
    return this.#later(this.#controls.settle(), then);
  }

  /** Goes on with `then` and the last value of `work` when that completes; at once if it does so at once. */
  #later(work: ObservableInput<unknown>, then: (last: unknown) => boolean): boolean {
    if (work instanceof Promise) return this.#whenKept(work, then);
    let last: unknown;
    let isAtOnce = true;
    let isDone = false;
    const subscription = new Subscription();
    this.#waiting = subscription;
    this.#done.add(subscription);
    subscription.add(
      from(work).subscribe({
        next: (value) => {
          last = value;
        },
        error: (error: unknown) => this.#fail(error),
        complete: () => {
          isDone = true;
          if (isAtOnce) return;
          this.#done.remove(subscription);
          this.#drive(() => then(last));
        },
      }),
    );
    isAtOnce = false;
    if (!isDone) return false;
    this.#done.remove(subscription);
    return then(last);
  }

  /** What {@link StepLoop.#later} does with a promise, which needs no stream around it. */
  #whenKept(work: Promise<unknown>, then: (value: unknown) => boolean): boolean {
    const done = this.#done;
    const subscription = new Subscription();
    this.#waiting = subscription;
    work.then(
      (value) => {
        if (!done.closed && !subscription.closed) this.#drive(() => then(value));
      },
      (error: unknown) => {
        if (!subscription.closed) this.#fail(error);
      },
    );
    return false;
  }

  #interrupt(): void {
    const wait = this.#inputWait;
    if (wait === undefined) return;
    this.#inputWait = undefined;
    this.#done.remove(wait);
    wait.unsubscribe();
    // In a turn of its own, for the one that interrupts may be telling an event.
    this.#yield();
  }
}
