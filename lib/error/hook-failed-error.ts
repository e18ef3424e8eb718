import { CodedError } from './coded-error.js';
import { describeThrown } from './describe-thrown.js';

/** What a run fails with when a hook throws something unforeseen; `cause` is what it threw. */
export class HookFailedError extends CodedError {
  readonly code = 'HOOK_FAILED';

  /**
   * @param hook the name of the hook
   * @param event the type of the event that it was handling
   * @param globalStep the step, where the event has one
   */
  constructor(
    readonly hook: string,
    readonly event: string,
    readonly globalStep: number | undefined,
    cause: unknown,
  ) {
    const step = globalStep === undefined ? '' : ` of step ${globalStep}`;
    super(`hook "${hook}" failed in ${event}${step}: ${describeThrown(cause)}`, { cause });
  }
}
