import { CodedError } from './coded-error.js';

/** What a run fails with when work that holds an event takes longer than the session's `holdLimitSeconds`. */
export class HoldTimeoutError extends CodedError {
  readonly code = 'HOLD_TIMEOUT';

  /**
   * @param hook who asked for the hold, where that is known
   * @param event the type of the event that was held
   */
  constructor(
    readonly hook: string | undefined,
    readonly event: string,
    readonly limitSeconds: number,
  ) {
    const who = hook === undefined ? 'work that held it' : `hook "${hook}"`;
    super(`${who} did not finish ${event} within ${limitSeconds} s`, {
      hint: 'find out what it waits for, or raise `holdLimitSeconds`',
    });
  }
}
