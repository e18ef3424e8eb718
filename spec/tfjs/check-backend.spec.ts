import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { env, setBackend, train } from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkBackend } from '../../lib/tfjs/check-backend.js';
import { classify } from '../../lib/tfjs/classify.js';
import { modelPart } from '../../lib/tfjs/model-part.js';
import { optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { trainStep } from '../../lib/tfjs/train-step.js';

env().set('PROD', true);

const test = suite('checkBackend');

/** Whether one step of `model` works on the backend in use. */
function trains(model: LayersModel): boolean {
  const state = { model: modelPart(model), optimizer: optimizerPart(train.sgd(0.1), { model }) };
  const step = trainStep({
    forward: classify,
  });
  const size = (model.inputs[0]?.shape ?? []).slice(1).reduce<number>((product, side) => product * (side ?? 1), 1);
  try {
    step({ state, batch: { inputs: new Float32Array(size).fill(1), labels: Uint8Array.of(1) } });
    return true;
  } catch (error) {
    if (error instanceof Error && /[Kk]ernel '\w+' not registered/.test(error.message)) return false;
    throw error;
  }
}

type Made = readonly [name: string, make: () => LayersModel, refused?: RegExp];
type Layers = readonly Parameters<LayersModel['layers']['push']>[number][];

/** `first`, and a dense layer that makes two logits of whatever comes out of them. */
function withLogits(...first: Layers): LayersModel {
  return sequential({ layers: [...first, layers.flatten(), layers.dense({ units: 2 })] });
}

const MODELS: readonly Made[] = [
  ['dense', () => withLogits(layers.dense({ units: 3, inputShape: [4, 1] }))],
  [
    'conv1d',
    () => withLogits(layers.conv1d({ filters: 2, kernelSize: 2, inputShape: [6, 2] })),
    /conv1d \(Conv1D\).*Conv2DBackpropFilter/,
  ],
  [
    'conv2d',
    () => withLogits(layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [6, 6, 1] })),
    /conv2d \(Conv2D\).*Conv2DBackpropFilter/,
  ],
  [
    'depthwise',
    () => withLogits(layers.depthwiseConv2d({ kernelSize: 2, inputShape: [6, 6, 1] })),
    /DepthwiseConv2D\).*DepthwiseConv2dNativeBackpropFilter/,
  ],
  [
    'separable',
    () => withLogits(layers.separableConv2d({ filters: 2, kernelSize: 2, inputShape: [6, 6, 1] })),
    /SeparableConv2D\).*DepthwiseConv2dNativeBackpropFilter/,
  ],
  [
    'transposed',
    () => withLogits(layers.conv2dTranspose({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1] })),
    /Conv2DTranspose\).*Conv2DBackpropFilter/,
  ],
  [
    'embedding',
    () => withLogits(layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3 })),
    /embedding \(Embedding\).*UnsortedSegmentSum/,
  ],
  [
    'pools after dense',
    () =>
      withLogits(
        layers.dense({ units: 2, inputShape: [4, 4, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.averagePooling2d({ poolSize: 2 }),
      ),
  ],
  [
    'a frozen convolution first',
    () => withLogits(layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [6, 6, 1], trainable: false })),
  ],
  [
    'a frozen convolution after a trained layer',
    () =>
      withLogits(
        layers.dense({ units: 1, inputShape: [6, 6, 1] }),
        layers.conv2d({ filters: 2, kernelSize: 2, trainable: false }),
      ),
    /Conv2DBackpropFilter/,
  ],
  [
    'a frozen convolution that is not fused after a trained layer',
    () =>
      withLogits(
        layers.dense({ units: 1, inputShape: [6, 6, 1] }),
        layers.conv2d({ filters: 2, kernelSize: 2, trainable: false, activation: 'relu' }),
      ),
  ],
];

for (const [name, make, refused] of MODELS) {
  test(`says of ${name} on wasm what a step would show`, async () => {
    assert.ok(await setBackend('wasm'));
    const model = make();
    assert.is(trains(model), refused === undefined);
    if (refused === undefined) checkBackend(model);
    else {
      assert.throws(
        () => checkBackend(model),
        (error: Error & { code?: string; hint?: string }) => {
          assert.match(error.message, refused);
          assert.match(error.hint ?? '', /setBackend\('cpu'\)/);
          return error.code === 'UNTRAINABLE_LAYER';
        },
      );
    }
  });

  test(`lets ${name} train on cpu`, async () => {
    assert.ok(await setBackend('cpu'));
    const model = make();
    checkBackend(model);
    assert.ok(trains(model));
  });
}

test.run();
