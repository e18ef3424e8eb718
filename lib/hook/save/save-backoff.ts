const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 60;

/**
 * How long a save that stayed due after a failure is put off: at first not at all, then for 1, 2, 4 … 60 s, so that a
 * disk which stays full is not asked at every step.
 */
export class SaveBackoff {
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** Whether it is too early to try again. @param now milliseconds on the session's clock */
  isTooEarly(now: number): boolean {
    return this.#failures > 0 && now < this.#retryAt;
  }

  failed(now: number): void {
    const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (this.#failures - 1));
    this.#retryAt = this.#failures === 0 ? Number.NEGATIVE_INFINITY : now + delaySeconds * 1000;
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
