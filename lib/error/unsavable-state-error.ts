import { CodedError } from './coded-error.js';

/** What a save fails with when a part's JSON holds something that JSON does not, and that would come back as another. */
export class UnsavableStateError extends CodedError {
  readonly code = 'UNSAVABLE_STATE';

  /**
   * @param part whose state it is, e.g. `hook/early` or `model`
   * @param path where in its JSON, e.g. `.best[0]`
   * @param found what is there, e.g. `a function`
   */
  constructor(
    readonly part: string,
    readonly path: string,
    readonly found: string,
  ) {
    const who = part.startsWith('hook/') ? `hook "${part.slice('hook/'.length)}"` : `part "${part}"`;
    super(`${who}: its state cannot be saved (${found} at ${path})`, {
      hint: 'keep numbers that JSON does not know, such as Infinity, in a tensor or as a text',
    });
  }
}
