import { CodedError } from './coded-error.js';
import { describeThrown } from './describe-thrown.js';

/** What a run fails with when more than one thing went wrong, e.g. its input and then the closing of its state. */
export class CombinedError extends CodedError {
  readonly code = 'COMBINED';

  /** @param errors all of them, in the order in which they came; the first is the `cause` */
  constructor(readonly errors: readonly unknown[]) {
    super(
      `the run failed with ${errors.length} errors:${errors.map((error, i) => `\n  ${i + 1}. ${describeThrown(error)}`).join('')}`,
      { cause: errors[0] },
    );
  }
}
