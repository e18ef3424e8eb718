const BURST_LINES = 100;
const LINES_PER_SECOND = 20;

/** Says whether one more line may be written, so that what happens at every step does not fill the disk. */
export class LineBudget {
  #left = BURST_LINES;
  #at = 0;

  /** @param now in milliseconds; never falls */
  take(now: number): boolean {
    this.#left = Math.min(BURST_LINES, this.#left + ((now - this.#at) / 1000) * LINES_PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
