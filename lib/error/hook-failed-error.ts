import { CodedError } from './coded-error.js';

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

const LONGEST_MESSAGE = 500;

/** What was thrown, in a few words: anything can be thrown, and its text can be of any length. */
function describeThrown(thrown: unknown): string {
  let text: string;
  try {
    text = thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    // A value that cannot even be described must not hide that there was an error.
    text = typeof thrown;
  }
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}
