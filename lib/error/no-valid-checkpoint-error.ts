import { CodedError } from './coded-error.js';

/** Thrown when there are checkpoints, but not one that can be restored. A fresh start would hide the loss. */
export class NoValidCheckpointError extends CodedError {
  readonly code = 'NO_VALID_CHECKPOINT';

  /**
   * @param location the store
   * @param damaged the prefixes that were tried, newest first
   * @param firstError what is wrong with the newest
   */
  constructor(
    readonly location: string,
    readonly damaged: readonly string[],
    firstError: unknown,
  ) {
    const text = firstError instanceof Error ? firstError.message : String(firstError);
    super(`no valid checkpoint in ${location}: ${damaged.length} found, ${damaged.length} damaged (first: ${text})`, {
      cause: firstError,
      hint: 'start from scratch in another folder, or mend the storage and try again',
    });
  }
}
