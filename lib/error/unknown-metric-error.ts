import { CodedError } from './coded-error.js';

/** Thrown when the best checkpoints by a metric are to be kept, and checkpoints have metrics, but not that one. */
export class UnknownMetricError extends CodedError {
  readonly code = 'UNKNOWN_METRIC';

  /**
   * @param metric the name that was asked for
   * @param known the names that there are, sorted
   */
  constructor(
    readonly metric: string,
    readonly known: readonly string[],
  ) {
    super(`no checkpoint has a metric "${metric}"; there are: ${known.join(', ')}`, {
      hint: 'metrics are the numbers that a step returns, and what hooks before the saver measure as `<source>/<name>`',
    });
  }
}
