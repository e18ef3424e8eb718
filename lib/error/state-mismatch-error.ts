import { CodedError } from './coded-error.js';

const MOST_LISTED = 20;

/** Thrown when a checkpoint does not fit the state that it should be restored into. Nothing was changed. */
export class StateMismatchError extends CodedError {
  readonly code = 'STATE_MISMATCH';

  /**
   * @param checkpoint which checkpoint, e.g. its prefix
   * @param differences every difference, one sentence each
   */
  constructor(
    readonly checkpoint: string,
    readonly differences: readonly string[],
  ) {
    const listed = differences.slice(0, MOST_LISTED).map((difference) => `\n  ${difference}`);
    const more = differences.length > MOST_LISTED ? `\n  … ${differences.length - MOST_LISTED} more` : '';
    super(`checkpoint ${checkpoint} does not fit this state:${listed.join('')}${more}`, {
      hint: 'undo the change to the model, or start in another folder',
    });
  }
}
