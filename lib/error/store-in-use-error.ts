import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** Who holds a store, as far as its lock file tells. */
export interface StoreHolder {
  readonly pid: number;
  readonly host: string;
  /** When the store was taken, as an ISO 8601 time of the holder's clock. */
  readonly since: string;
  readonly command: string;
}

/** Thrown when a second writer asks for a store: two runs would write over each other. The first one is unharmed. */
export class StoreInUseError extends CodedError {
  readonly code = 'STORE_IN_USE';

  /**
   * @param location the store, e.g. its folder
   * @param holder who has it; `undefined` if the holder left no readable lock file
   */
  constructor(
    readonly location: string,
    readonly holder: StoreHolder | undefined,
    options?: CodedErrorOptions,
  ) {
    const who =
      holder === undefined ? 'by another process' : `by pid ${holder.pid} on ${holder.host} since ${holder.since}`;
    super(`${location} is in use ${who}`, options);
  }
}
