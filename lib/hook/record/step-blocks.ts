import { scalarsOf } from '../scalars-of.js';
import type { RecordedStall, RecordedSteps } from './recorded-event.js';

const SHORTEST_BLOCK_MS = 100;
// The longer the run, the longer its blocks: their number grows with the logarithm of the time. Inside a block the
// number of steps is exact.
const BLOCKS_PER_RUN_TIME = 4096;
const LOOK_MS = 2;
const MOST_STEPS_UNSEEN = 256;
const MOST_METRICS = 32;
const SHORTEST_STALL_MS = 1000;
const STALL_TO_STEP = 10;

/**
 * Sums steps up to stretches of them. The clock is read about every two milliseconds, not at every step, unless steps
 * are slow: then each has its time.
 */
export class StepBlocks {
  readonly #now: () => number;
  readonly #write: (block: RecordedSteps | RecordedStall) => void;
  #from = 0;
  #to = 0;
  #count = 0;
  #since = 0;
  #outputs: unknown;
  #stride = 1;
  #unseen = 0;
  #seenAt = 0;
  /** Milliseconds that a step takes, smoothed; 0 before it is known. */
  #stepMs = 0;
  #heldMs = 0;
  #holds = { count: 0, ms: 0 };
  omitted = 0;

  constructor(now: () => number, write: (block: RecordedSteps | RecordedStall) => void) {
    this.#now = now;
    this.#write = write;
  }

  /** A session begins, or begins again, at a global step. */
  start(globalStep: number): void {
    this.#from = globalStep;
    this.#to = globalStep;
    this.#outputs = undefined;
    this.#stride = 1;
    this.#unseen = 0;
    this.#stepMs = 0;
    this.resume(this.#now());
  }

  get globalStep(): number {
    return this.#to;
  }

  get metrics(): ReadonlyMap<string, number> {
    const metrics = scalarsOf(this.#outputs);
    return metrics.size > MOST_METRICS ? new Map([...metrics].slice(0, MOST_METRICS)) : metrics;
  }

  add(globalStep: number, outputs: unknown): void {
    this.#to = globalStep;
    this.#outputs = outputs;
    this.#count++;
    if (++this.#unseen >= this.#stride) this.#look();
  }

  #look(): void {
    const now = this.#now();
    const elapsed = now - this.#seenAt - this.#heldMs;
    const perStep = elapsed / this.#unseen;
    const isStall =
      this.#stepMs > 0 && elapsed > Math.max(SHORTEST_STALL_MS, STALL_TO_STEP * this.#stepMs * this.#unseen);
    if (isStall) {
      this.#write({ kind: 'stall', t: this.#seenAt, ms: elapsed, step: this.#to });
    } else this.#stepMs = this.#stepMs === 0 ? perStep : this.#stepMs * 0.9 + perStep * 0.1;
    this.#stride = Math.max(1, Math.min(MOST_STEPS_UNSEEN, Math.floor(LOOK_MS / Math.max(this.#stepMs, 1e-6))));
    this.#seenAt = now;
    this.#unseen = 0;
    this.#heldMs = 0;
    if (now - this.#since >= Math.max(SHORTEST_BLOCK_MS, now / BLOCKS_PER_RUN_TIME)) this.close(now);
  }

  /**
   * Writes the steps since the last block; nothing if there are none.
   *
   * @param now when the last one finished, at the latest
   */
  close(now: number): void {
    if (this.#count === 0) return;
    const t = Math.max(this.#since, this.#unseen === 0 ? Math.min(now, this.#seenAt) : now);
    const { metrics } = this;
    this.#write({
      kind: 'steps',
      t,
      since: this.#since,
      from: this.#from,
      to: this.#to,
      count: this.#count,
      metrics: metrics.size === 0 ? undefined : metrics,
      holds: this.#holds.count === 0 ? undefined : this.#holds,
      omitted: this.omitted === 0 ? undefined : this.omitted,
    });
    this.#from = this.#to;
    this.#count = 0;
    this.#since = t;
    this.#holds = { count: 0, ms: 0 };
    this.omitted = 0;
  }

  /** A hold is over that is not written down by itself. */
  addShortHold(ms: number): void {
    this.#holds.count++;
    this.#holds.ms += ms;
    this.#heldMs += ms;
  }

  /** What is no step took time until `now`: the next step begins there. */
  resume(now: number): void {
    this.#since = now;
    this.#seenAt = now;
    this.#unseen = 0;
    this.#heldMs = 0;
  }
}
