// The twenty lines of the README, with what they leave out. A spec checks that they are the same.

import { train } from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
// #region twenty lines
import {
  anyOf,
  checkpointSaver,
  everySeconds,
  everySteps,
  keepLatest,
  latestFrom,
  nanGuard,
  shuffledBatches,
  stopAtStep,
  storeSaver,
  trainingSession,
} from 'tidemark';
import { fileStore, stopOnSignals } from 'tidemark/node';
import { classify, modelPart, optimizerPart, trainStep } from 'tidemark/tfjs';

const store = fileStore('runs/digits');

trainingSession({
  scaffold: {
    create: () => {
      const model = makeModel(); // any LayersModel
      return { model: modelPart(model), optimizer: optimizerPart(train.adam(), { model }) };
    },
  },
  input: shuffledBatches({ size: 60_000, batchSize: 64, seed: 1, take: (indices) => batchOf(indices) }),
  step: trainStep({ forward: classify }),
  restore: latestFrom(store), // the same command resumes
})
  .pipe(
    nanGuard('loss'), // 'los' would be a compile error
    stopAtStep({ lastStep: 20_000 }),
    stopOnSignals(), // Ctrl-C finishes the step, saves, ends
    checkpointSaver(storeSaver(store, { retention: keepLatest(5) }), {
      trigger: anyOf(everySteps(1000), everySeconds(600)),
    }),
  )
  .subscribe({ complete: () => console.log('done') });
// #endregion

function makeModel(): LayersModel {
  return sequential({ layers: [layers.dense({ units: 10, inputShape: [784] })] });
}

function batchOf(indices: Uint32Array): { readonly inputs: Float32Array; readonly labels: Uint8Array } {
  return { inputs: new Float32Array(indices.length * 784), labels: new Uint8Array(indices.length) };
}
