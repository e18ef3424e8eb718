import { CodedError } from './coded-error.js';

/** Thrown for work that was given up half-way and may be tried again: a session recovers from it. */
export class AbortedError extends CodedError {
  readonly code = 'ABORTED';
}
