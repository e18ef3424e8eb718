import type { HookWatch, RunControl } from '../../session/run-control.js';
import type { RecordedHookCosts } from './recorded-event.js';

/** About how often a step is watched; steps that take longer are watched each. */
const INTERVAL_MS = 20;
const CLOCK_READINGS = 32;
// Numerical Recipes' generator: enough to keep step with no schedule of a hook.
const [MULTIPLIER, INCREMENT, RANGE] = [1664525, 1013904223, 2 ** 32];

/**
 * What hooks cost the loop, by a sample of steps: in each of those the time is taken that every hook acts, without what
 * it makes the loop wait for. In between a step costs a subtraction.
 *
 * The distance from one sample to the next varies, so that a hook which acts every hundred steps is met in every
 * hundredth sample, and not in each or in none.
 */
export class HookCosts implements HookWatch {
  readonly #run: RunControl;
  readonly #now: () => number;
  /** What it takes to read the clock, which every measurement contains. */
  readonly #readingMs: number;
  #seed = 1;
  /** Steps until the next look; with them, those that were taken are `#planned`. */
  #left = 1;
  #planned = 1;
  #stepsTold = 0;
  #sampled = 0;
  #ms = new Map<string, number>();
  #lastSample: { readonly at: number; readonly steps: number } | undefined;
  #unwatch: (() => void) | undefined;

  /** @param now milliseconds on a clock that never jumps */
  constructor(run: RunControl, now: () => number) {
    this.#run = run;
    this.#now = now;
    this.#readingMs = shortestReading(now);
  }

  /** To be called once in each step, by a hook. */
  step(): void {
    if (--this.#left > 0) return;
    if (this.#unwatch === undefined) this.#begin();
    else this.#end();
  }

  reached(): void {}

  acts(hook: string): () => void {
    const since = this.#now();
    return () => {
      const ms = Math.max(0, this.#now() - since - this.#readingMs);
      this.#ms.set(hook, (this.#ms.get(hook) ?? 0) + ms);
    };
  }

  /** What was found since the last time; `undefined` if no step was watched. */
  take(): Omit<RecordedHookCosts, 'kind' | 't'> | undefined {
    const sampled = this.#sampled;
    if (sampled === 0) return undefined;
    const steps = this.#steps - this.#stepsTold;
    const hookMs = new Map([...this.#ms].map(([hook, ms]) => [hook, Math.round(ms * 1e6) / 1e6]));
    this.#stepsTold += steps;
    this.#sampled = 0;
    this.#ms = new Map();
    return { steps, sampled, hookMs };
  }

  /** Watches no more. */
  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** The next step is watched. */
  #begin(): void {
    this.#unwatch = this.#run.watchHooks?.(this);
    this.#lookAfter(1);
  }

  #end(): void {
    this.stop();
    this.#sampled++;
    const last = this.#lastSample;
    const sample = { at: this.#now(), steps: this.#steps };
    this.#lastSample = sample;
    const stepMs = last === undefined ? INTERVAL_MS : (sample.at - last.at) / (sample.steps - last.steps);
    this.#seed = (this.#seed * MULTIPLIER + INCREMENT) % RANGE;
    const distance = (INTERVAL_MS / Math.max(stepMs, 1e-6)) * (0.5 + this.#seed / RANGE);
    if (distance < 2) this.#begin();
    else this.#lookAfter(Math.round(distance) - 1);
  }

  #lookAfter(steps: number): void {
    this.#left = steps;
    this.#planned += steps;
  }

  get #steps(): number {
    return this.#planned - this.#left;
  }
}

function shortestReading(now: () => number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CLOCK_READINGS; i++) {
    const since = now();
    shortest = Math.min(shortest, now() - since);
  }
  return shortest;
}
