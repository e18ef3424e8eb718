import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** Thrown when a checkpoint would be written over a committed one of the same prefix; the older one is unharmed. */
export class CheckpointExistsError extends CodedError {
  readonly code = 'CHECKPOINT_EXISTS';

  constructor(
    readonly prefix: string,
    readonly location: string,
    options?: CodedErrorOptions,
  ) {
    super(`checkpoint "${prefix}" exists already in ${location}, and a checkpoint is never overwritten`, {
      hint: 'quarantine or remove it first, or write under another prefix',
      ...options,
    });
  }
}
