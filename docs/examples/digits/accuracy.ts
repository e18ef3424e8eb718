import { argMax, Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Digits, PIXELS, takeDigits } from './digits.js';

const BATCH = 500;

/** The share of `digits` that `model` reads rightly, from 0 to 1. */
export function accuracyOf(model: LayersModel, digits: Digits): number {
  let right = 0;
  for (let start = 0; start < digits.count; start += BATCH) {
    const size = Math.min(BATCH, digits.count - start);
    const { inputs, labels } = takeDigits(
      digits,
      Uint32Array.from({ length: size }, (_, index) => start + index),
    );
    const read = tidy(() => {
      const logits = model.predictOnBatch(tensor2d(inputs, [size, PIXELS]));
      if (!(logits instanceof Tensor)) throw new TypeError('accuracyOf(model): expected a model with one output');
      return argMax(logits, 1).dataSync();
    });
    for (let index = 0; index < size; index++) if (read[index] === labels[index]) right++;
  }
  return right / digits.count;
}
