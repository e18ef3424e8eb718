import { CodedError } from './coded-error.js';

/** What a run fails with when a hook keeps more and more tensors. */
export class TensorLeakError extends CodedError {
  readonly code = 'TENSOR_LEAK';

  /**
   * @param hook the name of the hook
   * @param tensors how many more there are than when the session was created, counting what this hook did alone
   */
  constructor(
    readonly hook: string,
    readonly tensors: number,
    readonly globalStep: number,
  ) {
    super(`hook "${hook}" has left ${tensors} tensors behind up to step ${globalStep}`, {
      hint: 'dispose of what the hook makes at each step, e.g. with tf.tidy(), or allow it as many as it holds for good',
    });
  }
}
