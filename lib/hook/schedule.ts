import { ReplaySubject } from 'rxjs';
import type { SessionCreatedEvent, StepEvent } from '../session/event.js';
import { beginAt } from '../trigger/begin-at.js';
import { Firing } from '../trigger/firing.js';
import type { SaveCost } from '../trigger/save-cost.js';
import type { Trigger } from '../trigger/trigger.js';

/** Runs the trigger of a hook: anew for every creation of the session, and only on steps at which it can fire. */
export class Schedule<O = unknown> {
  readonly #trigger: Trigger<O>;
  #firing: Firing<O> | undefined;
  #nextStep = Number.POSITIVE_INFINITY;
  /** The last one is told to a trigger that is started afterwards, too. */
  readonly #saves = new ReplaySubject<SaveCost>(1);

  constructor(trigger: Trigger<O>) {
    this.#trigger = trigger;
  }

  /** A session is created: its first step is the first that the trigger sees. A failing trigger fails the run. */
  start(event: SessionCreatedEvent): void {
    this.#start(this.#trigger, event);
  }

  /** As {@link start}, when what the trigger is to repeat has just been done at the step of `event`. */
  startFired(event: SessionCreatedEvent): void {
    this.#start(beginAt(this.#trigger, event.globalStep), event);
  }

  #start(trigger: Trigger<O>, event: SessionCreatedEvent): void {
    this.stop();
    this.#firing = new Firing(trigger, (error) => event.fail(error), this.#saves);
    this.#nextStep = this.#firing.nextStep(event.globalStep);
  }

  /** Whether the trigger fires at `step`; to be asked once a step, from `nextStep` on. */
  isDueAt(step: StepEvent<unknown, O>): boolean {
    const { globalStep } = step;
    if (this.#firing === undefined || globalStep < this.#nextStep) return false;
    const isDue = this.#firing.isDueAt(step);
    this.#nextStep = this.#firing.nextStep(globalStep);
    return isDue;
  }

  /** Tells the trigger what a save cost. */
  saved(cost: SaveCost): void {
    this.#saves.next(cost);
  }

  /** The first global step at which it can fire, as far as that is known. */
  get nextStep(): number {
    return this.#nextStep;
  }

  stop(): void {
    this.#firing?.stop();
    this.#firing = undefined;
    this.#nextStep = Number.POSITIVE_INFINITY;
  }
}
