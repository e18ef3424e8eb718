import type { StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { MetricsEvent } from '../metrics-event.js';
import { scalarsOf } from '../scalars-of.js';
import { StateUnfitEvent } from '../state-unfit-event.js';

/** What savers are to know of a step besides the state: its metrics, and whether earlier hooks hold the state for fit. */
export class StepMetrics {
  #last: StepEvent | undefined;
  /** What earlier hooks measured at one step. */
  #measured: { readonly globalStep: number; readonly metrics: Map<string, number> } | undefined;
  #unfit: string | undefined;

  /** Why the state must not be saved, if an earlier hook said so. */
  get unfit(): string | undefined {
    return this.#unfit;
  }

  /** Forgets all, for a session that is created. */
  clear(): void {
    this.#last = this.#measured = this.#unfit = undefined;
  }

  see(step: StepEvent): void {
    this.#last = step;
  }

  hear(event: HookEvent): void {
    if (event instanceof StateUnfitEvent) this.#unfit = event.reason;
    if (!(event instanceof MetricsEvent)) return;
    const { globalStep, source, metrics } = event;
    if (this.#measured?.globalStep !== globalStep) this.#measured = { globalStep, metrics: new Map() };
    for (const [name, value] of metrics) this.#measured.metrics.set(`${source}/${name}`, value);
  }

  /** The numbers that the step returned, and what was measured at it. */
  at(globalStep: number): ReadonlyMap<string, number> {
    const metrics = new Map(this.#last?.globalStep === globalStep ? scalarsOf(this.#last.outputs) : []);
    if (this.#measured?.globalStep === globalStep) for (const entry of this.#measured.metrics) metrics.set(...entry);
    return metrics;
  }
}
