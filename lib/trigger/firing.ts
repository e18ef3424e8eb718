import { type Observable, Subject, type Subscription } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import type { SaveCost } from './save-cost.js';
import type { Trigger } from './trigger.js';

/** Runs a trigger over the steps of one run, for a hook. */
export class Firing<O = unknown> {
  readonly #steps = new Subject<StepEvent<unknown, O>>();
  readonly #subscription: Subscription;
  readonly #nextStep: Trigger['nextStep'];
  #isDue = false;
  #isOver = false;

  /**
   * @param onError is told when the trigger fails; it fires no more then
   * @param saves what the saves cost that the trigger brings about, if it does
   */
  constructor(trigger: Trigger<O>, onError: (error: unknown) => void, saves?: Observable<SaveCost>) {
    this.#nextStep = trigger.nextStep;
    this.#subscription = trigger(this.#steps, saves).subscribe({
      next: () => {
        this.#isDue = true;
      },
      error: (error: unknown) => {
        this.#isOver = true;
        onError(error);
      },
      complete: () => {
        this.#isOver = true;
      },
    });
  }

  /** Shows `step` to the trigger; whether it fired, now or since the step before. Firing uses the firing up. */
  isDueAt(step: StepEvent<unknown, O>): boolean {
    this.#steps.next(step);
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }

  /** Steps below this need not be shown: nothing comes of them. Infinity if the trigger is over. */
  nextStep(globalStep: number): number {
    if (this.#isDue) return 0;
    if (this.#isOver) return Number.POSITIVE_INFINITY;
    // Not the step that follows: a step may advance by none.
    return this.#nextStep?.(globalStep) ?? 0;
  }

  /** Ends the trigger, which fires no more. */
  stop(): void {
    this.#subscription.unsubscribe();
    this.#steps.complete();
  }
}
