import { CodedError } from './coded-error.js';

/** What a run recovers from, or fails with, when a metric leaps away from what it was. */
export class LossSpikeError extends CodedError {
  readonly code = 'LOSS_SPIKE';

  /**
   * @param metric its name, e.g. `loss`
   * @param limit what it must not exceed
   * @param rollbacks how often the run was rolled back before
   * @param isRecoverable whether the run may be rolled back once more
   */
  constructor(
    readonly metric: string,
    readonly value: number,
    readonly limit: number,
    readonly globalStep: number,
    readonly rollbacks: number,
    readonly isRecoverable: boolean,
  ) {
    super(`${metric} is ${value} at step ${globalStep}, above ${limit}, after ${rollbacks} rollbacks`, {
      hint: isRecoverable
        ? 'give the session `recover: rollback.recover()` and a `restore`, so that it can go back'
        : 'lower the learning rate, clip the gradients, or look at the batches that were skipped, which the log names',
    });
  }
}
