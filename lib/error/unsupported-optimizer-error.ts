import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** Thrown for an optimizer whose state cannot be read completely: a foreign class, or another TensorFlow.js version. */
export class UnsupportedOptimizerError extends CodedError {
  readonly code = 'UNSUPPORTED_OPTIMIZER';

  /** @param optimizer the name of its class, e.g. `Adam` */
  constructor(
    readonly optimizer: string,
    readonly fault: string,
    options?: CodedErrorOptions,
  ) {
    super(`optimizer ${optimizer}: ${fault}`, options);
  }
}
