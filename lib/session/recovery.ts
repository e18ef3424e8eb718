import { AbortedError } from '../error/aborted-error.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { UnavailableError } from '../error/unavailable-error.js';

/** How a session goes on after an error. */
export interface RecoverOptions {
  /**
   * Whether a run may recover from this error. An error that a hook or a fetch wrapped is looked up by its causes.
   *
   * @default errors that are an `UnavailableError` or an `AbortedError`
   */
  readonly when?: (error: unknown) => boolean;
  /**
   * Recoveries in a row without progress, after which the run fails with the error; a whole number from 0. A step
   * beyond the furthest one that was ever reached is progress.
   *
   * @default 5
   */
  readonly maxRetries?: number;
  /** The delay before the first recovery; each further one in a row waits twice as long. @default 1 */
  readonly initialDelaySeconds?: number;
  /** The longest delay. @default 60 */
  readonly maxDelaySeconds?: number;
  /** The part of a delay that is left to chance, from 0 (none) to 1 (all), so that many runs do not retry as one. @default 0.5 */
  readonly jitter?: number;
  /** A number from 0 to under 1 for the jitter. @default Math.random */
  readonly random?: () => number;
}

const OPTIONS: OptionNames<RecoverOptions> = {
  when: true,
  maxRetries: true,
  initialDelaySeconds: true,
  maxDelaySeconds: true,
  jitter: true,
  random: true,
};

/** Decides whether, and when, a run recovers; counts for one run. */
export class Recovery {
  readonly #options: Required<RecoverOptions>;
  #retries = 0;
  #furthestStep = -1;

  constructor(options: RecoverOptions = {}) {
    checkOptions('trainingSession(recover)', options, OPTIONS);
    const {
      when = isPreemption,
      maxRetries = 5,
      initialDelaySeconds = 1,
      maxDelaySeconds = 60,
      jitter = 0.5,
      random = Math.random,
    } = options;
    if (!(maxRetries === Number.POSITIVE_INFINITY || (Number.isSafeInteger(maxRetries) && maxRetries >= 0))) {
      throw new RangeError(
        `recover.maxRetries: expected a whole number from 0 or Infinity, received ${describeReceived(maxRetries)}`,
      );
    }
    for (const [name, value] of Object.entries({ initialDelaySeconds, maxDelaySeconds })) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`recover.${name}: expected a finite number from 0, received ${describeReceived(value)}`);
      }
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new RangeError(`recover.jitter: expected a number from 0 to 1, received ${describeReceived(jitter)}`);
    }
    for (const [name, value] of Object.entries({ when, random })) {
      if (typeof value !== 'function') {
        throw new TypeError(`recover.${name}: expected a function, received ${describeReceived(value)}`);
      }
    }
    this.#options = { when, maxRetries, initialDelaySeconds, maxDelaySeconds, jitter, random };
  }

  /** Whether a run may recover from `error`, tries left or not. */
  isRecoverable(error: unknown): boolean {
    return withCauses(error).some((cause) => this.#options.when(cause));
  }

  /**
   * The delay in seconds before a recovery from `error`, or `undefined` if there is to be none.
   *
   * @param globalStep how far the run had come
   */
  delayAfter(error: unknown, globalStep: number): number | undefined {
    const { maxRetries, initialDelaySeconds, maxDelaySeconds, jitter, random } = this.#options;
    if (!this.isRecoverable(error)) return undefined;
    if (globalStep > this.#furthestStep && this.#furthestStep >= 0) this.#retries = 0;
    this.#furthestStep = Math.max(this.#furthestStep, globalStep);
    if (this.#retries >= maxRetries) return undefined;
    const delay = Math.min(maxDelaySeconds, initialDelaySeconds * 2 ** this.#retries);
    this.#retries++;
    return delay * (1 - jitter * random());
  }
}

/** The error and what caused it, outermost first; a cycle is cut. */
function withCauses(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next !== undefined && !chain.includes(next); ) {
    chain.push(next);
    next = causeOf(next);
  }
  return chain;
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.cause : undefined;
  } catch {
    // A cause that cannot be read is none that anybody could recover from.
    return undefined;
  }
}

function isPreemption(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof AbortedError;
}
