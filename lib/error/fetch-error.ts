import { CodedError } from './coded-error.js';

/** Thrown when a fetch is unknown, registered twice, or registered after `begin`. */
export class FetchError extends CodedError {
  readonly code = 'FETCH';

  /**
   * @param fetch the name of the fetch
   * @param fault what is wrong with it
   */
  constructor(
    readonly fetch: string,
    readonly fault: string,
    hint?: string,
  ) {
    super(`fetch "${fetch}" ${fault}`, { hint });
  }
}
