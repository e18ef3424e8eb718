import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** Thrown when a store has no file of the checkpoint that is asked for. */
export class CheckpointNotFoundError extends CodedError {
  readonly code = 'CHECKPOINT_NOT_FOUND';

  constructor(
    readonly prefix: string,
    readonly location: string,
    options?: CodedErrorOptions,
  ) {
    super(`no checkpoint "${prefix}" in ${location}`, options);
  }
}
