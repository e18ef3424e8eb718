import { CodedError } from './coded-error.js';

/** Thrown for a model with layers whose random numbers no checkpoint can hold, so that no run could resume exactly. */
export class UnrepeatableLayerError extends CodedError {
  readonly code = 'UNREPEATABLE_LAYER';

  /** @param layers the layers' names, with their kinds, e.g. `dropout (Dropout)` */
  constructor(readonly layers: readonly string[]) {
    super(`no checkpoint can hold the random numbers of ${layers.join(', ')}: a resumed run would differ`, {
      hint: 'use seededDropout(), or pass { allowsRandomLayers: true } to resume inexactly',
    });
  }
}
