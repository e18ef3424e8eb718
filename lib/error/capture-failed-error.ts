import { CodedError } from './coded-error.js';
import { describeThrown } from './describe-thrown.js';

/** What a save fails with when a part of the state cannot be captured; `cause` is what it threw, if it did. */
export class CaptureFailedError extends CodedError {
  readonly code = 'CAPTURE_FAILED';

  /**
   * @param part the part, e.g. `model` or `hook/earlyStopping`
   * @param limitSeconds how long it was waited for, if it gave neither a state nor an error
   */
  constructor(
    readonly part: string,
    readonly limitSeconds: number | undefined,
    cause?: unknown,
  ) {
    const fault = limitSeconds === undefined ? describeThrown(cause) : `it gave no state within ${limitSeconds} s`;
    super(`part "${part}" could not be captured: ${fault}`, {
      cause,
      hint: limitSeconds === undefined ? undefined : 'find out what it waits for, or raise `captureLimitSeconds`',
    });
  }
}
