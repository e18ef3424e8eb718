import { CodedError } from './coded-error.js';

/** What a run fails with when no step has finished for longer than it may take. */
export class StepOverdueError extends CodedError {
  readonly code = 'STEP_OVERDUE';

  /**
   * @param seconds for at least how long
   * @param globalStep the last step that finished
   */
  constructor(
    readonly seconds: number,
    readonly globalStep: number,
  ) {
    super(`no step has finished for ${seconds} s since step ${globalStep}`, {
      hint: 'look for an input that does not deliver, a hold that does not end, or a step that waits for something',
    });
  }
}
