import { type BeginEvent, runOf } from '../../session/event.js';

/** Counts for how long each hook holds the loop of one run. */
export class HoldTimes {
  readonly #seconds = new Map<string, number>();

  /** Counts from now on; the run lets go of it when it is over. */
  begin(event: BeginEvent): void {
    const { scheduler } = event;
    runOf(event).watchHolds?.((hook = 'unnamed') => {
      const startedAt = scheduler.now();
      return () => {
        const seconds = (scheduler.now() - startedAt) / 1000;
        this.#seconds.set(hook, (this.#seconds.get(hook) ?? 0) + seconds);
      };
    });
  }

  /** Seconds by hook since the last time; 0 for one that has held the loop before, and did not since. */
  take(): ReadonlyMap<string, number> {
    const taken = new Map(this.#seconds);
    for (const name of taken.keys()) this.#seconds.set(name, 0);
    return taken;
  }
}
