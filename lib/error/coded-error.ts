/**
 * The root of every error that a caller may want to handle.
 *
 * `code` is part of the contract and changes only in a major version; `message` is for people and may change at any
 * time; `hint` says how to mend it. A caller's mistake is a `TypeError` or a `RangeError` without a code: it is to be
 * fixed, not caught.
 *
 * @see docs/errors.md
 */
export abstract class CodedError extends Error {
  abstract readonly code: string;
  /** What to do about it, as one sentence, or `undefined` if there is nothing to say. */
  readonly hint: string | undefined;

  constructor(message: string, options?: CodedErrorOptions) {
    super(message, options);
    this.hint = options?.hint;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

export interface CodedErrorOptions extends ErrorOptions {
  readonly hint?: string | undefined;
}
