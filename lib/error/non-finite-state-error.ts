import { CodedError } from './coded-error.js';

/** What a save fails with that is told to refuse NaN and infinities. What was saved before is unharmed. */
export class NonFiniteStateError extends CodedError {
  readonly code = 'NON_FINITE_STATE';

  /** @param tensor the first one that holds a NaN or an infinity, e.g. `model/dense/kernel` */
  constructor(
    readonly globalStep: number,
    readonly tensor: string,
  ) {
    super(`the state at step ${globalStep} is not saved: tensor "${tensor}" holds NaN or infinity`, {
      hint: 'stop at the first bad step with `nanGuard`, or lower the learning rate and resume from the last checkpoint',
    });
  }
}
