import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** Thrown for data that is sound but that this version cannot hold, such as a `variant` tensor or a newer format. */
export class UnsupportedDataError extends CodedError {
  readonly code = 'UNSUPPORTED_DATA';

  constructor(
    readonly format: string,
    readonly where: string,
    readonly fault: string,
    options?: CodedErrorOptions,
  ) {
    super(`${format}: ${fault} (${where})`, options);
  }
}
