import type { RecordedEvent } from './recorded-event.js';

/** What a hook cost the loop. */
export interface HookCost {
  readonly hook: string;
  /** Milliseconds in which it acted, estimated from the steps that were sampled. */
  readonly actedMs: number;
  /** The same for each step of the run, in microseconds. */
  readonly stepMicroseconds: number;
}

/** Sums what was recorded of the costs of hooks, the dearest first; empty if nothing was. */
export function sumHookCosts(events: Iterable<RecordedEvent>): readonly HookCost[] {
  const actedMs = new Map<string, number>();
  let steps = 0;
  for (const event of events) {
    if (event.kind !== 'hookCosts') continue;
    steps += event.steps;
    for (const [hook, ms] of event.hookMs) {
      actedMs.set(hook, (actedMs.get(hook) ?? 0) + (ms * event.steps) / event.sampled);
    }
  }
  return [...actedMs]
    .map(([hook, ms]) => ({ hook, actedMs: ms, stepMicroseconds: (1000 * ms) / steps }))
    .sort((a, b) => b.actedMs - a.actedMs);
}
