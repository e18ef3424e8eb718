import { CodedError } from './coded-error.js';

/** Thrown when what was waited for did not come in time. */
export class DeadlineExceededError extends CodedError {
  readonly code = 'DEADLINE_EXCEEDED';

  /**
   * @param awaited what was waited for, e.g. `a checkpoint of the chief`
   * @param waitedSeconds for how long
   */
  constructor(
    readonly awaited: string,
    readonly waitedSeconds: number,
  ) {
    super(`${awaited} did not come within ${waitedSeconds} s`, {
      hint: 'see whether the process that makes it is running, and whether both name the same place',
    });
  }
}
