import { CodedError } from './coded-error.js';

/** Thrown for something that is out of reach for now, such as a device that was preempted: a session recovers from it. */
export class UnavailableError extends CodedError {
  readonly code = 'UNAVAILABLE';
}
