import { Subject, type Subscription } from 'rxjs';
import type { StepEvent } from '../session/event.js';
import type { Trigger } from './trigger.js';

/** Runs a trigger over the steps of one run, for a hook. */
export class Firing<O = unknown> {
  readonly #steps = new Subject<StepEvent<unknown, O>>();
  readonly #subscription: Subscription;
  readonly #nextStep: Trigger['nextStep'];
  #isDue = false;

  /** @param onError is told when the trigger fails; it fires no more then */
  constructor(trigger: Trigger<O>, onError: (error: unknown) => void) {
    this.#nextStep = trigger.nextStep;
    this.#subscription = trigger(this.#steps).subscribe({
      next: () => {
        this.#isDue = true;
      },
      error: onError,
    });
  }

  /** Shows `step` to the trigger; whether it fired, now or since the step before. Firing uses the firing up. */
  isDueAt(step: StepEvent<unknown, O>): boolean {
    this.#steps.next(step);
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }

  /** The first global step after `globalStep` at which it is worth asking again. */
  nextStep(globalStep: number): number {
    return this.#nextStep?.(globalStep) ?? 0;
  }

  stop(): void {
    this.#subscription.unsubscribe();
    this.#steps.complete();
  }
}
