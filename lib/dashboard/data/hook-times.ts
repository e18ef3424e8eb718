import { type RecordedEvent, sumHookCosts } from '../../node.js';

type RecordedHookCosts = RecordedEvent & { readonly kind: 'hookCosts' };

/** What a hook took of the loop's time. */
export interface HookTime {
  readonly hook: string;
  /** Milliseconds in which it acted, estimated from a sample of steps; `undefined` where none was recorded. */
  readonly actedMs: number | undefined;
  /** The same for each step, in microseconds. */
  readonly stepMicroseconds: number | undefined;
  /** How often, and for how long together and at the longest, it made the loop wait. */
  readonly holds: number;
  readonly heldMs: number;
  readonly longestMs: number;
}

/** The times that hooks took, as they are recorded. */
export class HookTimes {
  readonly #holds = new Map<string, { holds: number; heldMs: number; longestMs: number }>();
  readonly #costs: RecordedHookCosts[] = [];

  note(event: RecordedEvent): void {
    if (event.kind === 'hookCosts') this.#costs.push(event);
    else if (event.kind === 'hold') this.#held(event.hook, 1, event.ms, event.ms);
    else if (event.kind === 'steps' && event.holds !== undefined) {
      this.#held('short holds', event.holds.count, event.holds.ms, 0);
    }
  }

  /** By hook, those that took most first. */
  list(): readonly HookTime[] {
    const costs = new Map(sumHookCosts(this.#costs).map((cost) => [cost.hook, cost]));
    return [...new Set([...this.#holds.keys(), ...costs.keys()])]
      .map((hook) => {
        const { holds = 0, heldMs = 0, longestMs = 0 } = this.#holds.get(hook) ?? {};
        const { actedMs, stepMicroseconds } = costs.get(hook) ?? {};
        return { hook, actedMs, stepMicroseconds, holds, heldMs, longestMs };
      })
      .sort((a, b) => b.heldMs + (b.actedMs ?? 0) - (a.heldMs + (a.actedMs ?? 0)));
  }

  #held(hook: string, holds: number, ms: number, longestMs: number): void {
    const total = this.#holds.get(hook) ?? { holds: 0, heldMs: 0, longestMs: 0 };
    total.holds += holds;
    total.heldMs += ms;
    total.longestMs = Math.max(total.longestMs, longestMs);
    this.#holds.set(hook, total);
  }
}
