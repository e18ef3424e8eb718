import { CodedError } from './coded-error.js';

/** What a run fails with when a metric that is watched over is not a number any more: the state is spoilt. */
export class NanLossError extends CodedError {
  readonly code = 'NAN_LOSS';

  /**
   * @param metric its name, e.g. `loss`
   * @param value NaN, or an infinity where these count
   */
  constructor(
    readonly metric: string,
    readonly value: number,
    readonly globalStep: number,
  ) {
    super(`${metric} is ${value} at step ${globalStep}`, {
      hint: 'no checkpoint was made of this state; lower the learning rate, or look for a batch with bad values',
    });
  }
}
