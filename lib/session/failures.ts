import { CombinedError } from '../error/combined-error.js';

/** What has gone wrong in a run and is not yet dealt with, in order. The first is taken for the cause of the others. */
export class Failures {
  readonly #errors: unknown[] = [];

  get isEmpty(): boolean {
    return this.#errors.length === 0;
  }

  get all(): readonly unknown[] {
    return this.#errors;
  }

  /** Adds `error` unless it is there already: the same failure may be told on two ways. */
  add(error: unknown): void {
    if (!this.#errors.includes(error)) this.#errors.push(error);
  }

  /** Takes all failures away, and returns them. */
  take(): readonly unknown[] {
    return this.#errors.splice(0);
  }

  /** One error for all: the very one if it is alone. REQUIRES: there is one. */
  toError(): unknown {
    return this.#errors.length === 1 ? this.#errors[0] : new CombinedError([...this.#errors]);
  }
}
