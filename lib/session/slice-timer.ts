import type { SchedulerLike } from 'rxjs';

// Reading the clock costs as much as a step with idle hooks, so quick steps share one reading.
const MOST_STEPS_A_READING = 32;

/** Says when a slice of steps has run long enough. */
export class SliceTimer {
  #started = 0;
  #stepsLeft = 1;
  #stepsTaken = 0;

  constructor(
    readonly scheduler: SchedulerLike,
    readonly sliceMilliseconds: number,
  ) {}

  /** A slice begins. */
  start(): void {
    this.#started = this.scheduler.now();
    this.#stepsTaken = 0;
    this.#stepsLeft = 1;
  }

  /** Whether the slice is over; to be asked once before each step. */
  isOver(): boolean {
    if (--this.#stepsLeft >= 0) return false;
    return this.#readClock();
  }

  #readClock(): boolean {
    const elapsed = this.scheduler.now() - this.#started;
    if (elapsed >= this.sliceMilliseconds) return true;
    // As many steps as would use up half of what is left, at the pace so far.
    this.#stepsTaken += 1;
    const affordable = (this.#stepsTaken * (this.sliceMilliseconds - elapsed)) / (2 * elapsed);
    const steps = Math.max(1, Math.min(MOST_STEPS_A_READING, Math.floor(affordable)));
    this.#stepsTaken += steps - 1;
    this.#stepsLeft = steps - 1;
    return false;
  }
}
