import { CodedError } from './coded-error.js';

/** Thrown by the resume law: a run that was cut and resumed did not go on as the straight run did. */
export class RunNotRepeatableError extends CodedError {
  readonly code = 'RUN_NOT_REPEATABLE';

  /**
   * @param cut the global step at which the run was cut
   * @param globalStep the first step that differs
   * @param what differs there, e.g. `tensor model/dense/kernel`, `output .loss`, `summary event`
   * @param index of the first element (of a tensor) or byte (of texts) that differs, where there is one
   */
  constructor(
    readonly cut: number,
    readonly globalStep: number,
    readonly what: string,
    readonly index: number | undefined,
    details: string,
  ) {
    const at = index === undefined ? '' : ` at element ${index}`;
    super(`a run cut at step ${cut} differs from the straight one at step ${globalStep}: ${what}${at}: ${details}`, {
      hint: 'something that training changes is in no part of the state, or a part does not restore what it captured',
    });
  }
}
