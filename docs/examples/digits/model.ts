import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { random } from '../../../lib/session/random.js';
import { seededDropout } from '../../../lib/tfjs/index.js';
import { PIXELS } from './digits.js';

const CLASSES = 10;
const PATCH = 7;
const PATCHES_A_SIDE = 28 / PATCH;

/** The models of the example, by the name under which the command line knows them. */
export const MODELS = { mlp, patches } as const satisfies Record<string, (seed: number) => LayersModel>;

/**
 * Makes two dense layers with dropout between them: `[n, 784]` → logits `[n, 10]`. One seed gives one model.
 *
 * All models here are made of dense layers, since TensorFlow.js trains those fast on its wasm backend and cannot train
 * convolutions there.
 */
export function mlp(seed: number): LayersModel {
  return sequential({
    layers: [
      layers.dense({
        units: 128,
        activation: 'relu',
        inputShape: [PIXELS],
        kernelInitializer: weights(seed, 'hidden'),
      }),
      seededDropout({ rate: 0.2, random: random(seed, 'dropout') }),
      layers.dense({ units: CLASSES, kernelInitializer: weights(seed, 'logits') }),
    ],
  });
}

/**
 * Makes a model that looks at 16 patches of 7 × 7 pixels through one shared dense layer, and then at all of them
 * together, which is what a convolution with stride 7 does: `[n, 784]` → logits `[n, 10]`.
 */
export function patches(seed: number): LayersModel {
  return sequential({
    layers: [
      layers.reshape({ targetShape: [PATCHES_A_SIDE, PATCH, PATCHES_A_SIDE, PATCH], inputShape: [PIXELS] }),
      layers.permute({ dims: [1, 3, 2, 4] }),
      layers.reshape({ targetShape: [PATCHES_A_SIDE * PATCHES_A_SIDE, PATCH * PATCH] }),
      layers.dense({ units: 32, activation: 'relu', kernelInitializer: weights(seed, 'patch') }),
      layers.flatten(),
      seededDropout({ rate: 0.2, random: random(seed, 'dropout') }),
      layers.dense({ units: 128, activation: 'relu', kernelInitializer: weights(seed, 'hidden') }),
      layers.dense({ units: CLASSES, kernelInitializer: weights(seed, 'logits') }),
    ],
  });
}

function weights(seed: number, layer: string): ReturnType<typeof initializers.heNormal> {
  return initializers.heNormal({ seed: random(seed, `weights/${layer}`).nextUint32() + 1 });
}
