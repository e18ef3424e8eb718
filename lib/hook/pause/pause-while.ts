import { BehaviorSubject, defer, EMPTY, first, type Observable, type Subscription, tap } from 'rxjs';
import type { BeginEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { PausedEvent, type PauseEvent, ResumedEvent } from './pause-event.js';

/**
 * Holds the loop while `isPaused` says so, from the next step boundary on; adds `paused` and `resumed` events.
 *
 *     isPaused                -----t------f-----
 *     source                  b-c-1--2-3--4-e-|
 *     pauseWhile(isPaused)    b-c-1--2P---R-3--4-e-|
 *
 * Hooks before it have done their work of the step when it waits: a save, for one. It is a hold like any other, so the
 * run's record and its timeline show it, and a session's `holdLimitSeconds` counts. Whoever asks for a stop lets the run
 * go on as well, or the stop waits for the end of the pause. A stream that completes ends the pause; one that fails
 * fails the run.
 *
 * @throws TypeError if `isPaused` is no observable
 */
export function pauseWhile(isPaused: Observable<boolean>): Hook<PauseEvent> {
  if (typeof isPaused?.subscribe !== 'function') {
    throw new TypeError(`pauseWhile(isPaused): expected an observable, received ${typeof isPaused}`);
  }
  return hook<PauseEvent>('pauseWhile', (output) => new ActivePause(isPaused, output));
}

/** The pauses of one run. */
class ActivePause implements HookActions {
  readonly #wish: Observable<boolean>;
  readonly #output: HookOutput<PauseEvent>;
  readonly #isPaused = new BehaviorSubject(false);
  #subscription: Subscription | undefined;

  constructor(wish: Observable<boolean>, output: HookOutput<PauseEvent>) {
    this.#wish = wish;
    this.#output = output;
  }

  begin(event: BeginEvent): void {
    this.#subscription = this.#wish.subscribe({
      next: (isPaused) => this.#isPaused.next(isPaused),
      error: (error: unknown) => {
        event.fail(error);
        this.#isPaused.next(false);
      },
      complete: () => this.#isPaused.next(false),
    });
  }

  sessionCreated(event: SessionCreatedEvent): void {
    if (this.#isPaused.value) event.waitUntil(this.#pause(event));
  }

  step(event: StepEvent): void {
    if (this.#isPaused.value) event.waitUntil(this.#pause(event));
  }

  teardown(): void {
    this.#subscription?.unsubscribe();
  }

  #pause({ globalStep, scheduler }: SessionCreatedEvent | StepEvent): Observable<unknown> {
    return defer(() => {
      // Holds wait their turn: meanwhile the pause may be over.
      if (!this.#isPaused.value) return EMPTY;
      const startedAt = scheduler.now();
      this.#output.emit(new PausedEvent(globalStep));
      return this.#isPaused.pipe(
        first((isPaused) => !isPaused),
        tap(() => this.#output.emit(new ResumedEvent(globalStep, (scheduler.now() - startedAt) / 1000))),
      );
    });
  }
}
