// What the trainer and the evaluator have in common: the model, and the digits.

import { train } from '@tensorflow/tfjs-core';
import { random, shuffledBatches } from '../../../lib/index.js';
import { classify, modelPart, optimizerPart, trainStep } from '../../../lib/tfjs/index.js';
import { takeDigits } from '../digits/digits.js';
import { drawDigits } from '../digits/drawn-digits.js';
import { mlp } from '../digits/model.js';

export const LAST_STEP = 24;

const digits = drawDigits(320, random(2, 'pair/train'));

function create() {
  const model = mlp(2);
  return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.003), { model }) };
}

/** For `trainingSession`, in both processes. */
export const task = {
  scaffold: {
    create,
    dispose({ model, optimizer }: ReturnType<typeof create>) {
      optimizer.dispose();
      model.dispose();
    },
  },
  input: shuffledBatches({
    size: digits.count,
    batchSize: 32,
    seed: 2,
    take: (indices) => takeDigits(digits, indices),
  }),
  step: trainStep({ forward: classify }),
};
