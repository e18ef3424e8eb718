import { CodedError } from './coded-error.js';

/** Thrown before the first step for a layer whose gradient the TensorFlow.js backend in use cannot compute. */
export class UntrainableLayerError extends CodedError {
  readonly code = 'UNTRAINABLE_LAYER';

  /**
   * @param layer the layer's name and kind, e.g. `conv2d (Conv2D)`
   * @param kernel the kernel that the backend lacks
   * @param able the registered backends that have it
   */
  constructor(
    readonly layer: string,
    readonly backend: string,
    readonly kernel: string,
    readonly able: readonly string[],
  ) {
    super(`the ${backend} backend cannot train layer ${layer}: it has no kernel ${kernel}`, {
      hint:
        able.length > 0
          ? `call setBackend('${able[0]}') before the model is made, or use dense layers`
          : 'import @tensorflow/tfjs-backend-cpu and set that backend, or use dense layers',
    });
  }
}
