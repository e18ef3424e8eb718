import { engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { UntrainableLayerError } from '../error/untrainable-layer-error.js';
import { checkModel } from './check-model.js';
import { type Layer, namedLayers } from './named-layers.js';

interface GradientKernels {
  /** What the gradient by the layer's weights takes. */
  readonly weights?: readonly string[];
  /** What the gradient by its input takes, which is needed if anything before it is trained. */
  readonly input?: readonly string[];
}

const CONV_2D: GradientKernels = { weights: ['Conv2DBackpropFilter'], input: ['Conv2DBackpropInput'] };
const CONV_3D: GradientKernels = { weights: ['Conv3DBackpropFilterV2'], input: ['Conv3DBackpropInputV2'] };
const DEPTHWISE: GradientKernels = {
  weights: ['DepthwiseConv2dNativeBackpropFilter'],
  input: ['DepthwiseConv2dNativeBackpropInput'],
};
const MAX_POOL: GradientKernels = { input: ['MaxPoolGrad'] };
const AVG_POOL: GradientKernels = { input: ['AvgPoolGrad'] };

/** Kernels that not every backend has, by kind of layer. From the gradient functions of tfjs-core 4.22.0. */
const KERNELS: Readonly<Record<string, GradientKernels>> = {
  Conv1D: CONV_2D,
  Conv2D: CONV_2D,
  Conv2DTranspose: { weights: ['Conv2DBackpropFilter'], input: ['Conv2D'] },
  Conv3D: CONV_3D,
  Conv3DTranspose: { weights: ['Conv3DBackpropFilterV2'], input: ['Conv3D'] },
  ConvLSTM2D: CONV_2D,
  DepthwiseConv2D: DEPTHWISE,
  SeparableConv2D: {
    weights: ['DepthwiseConv2dNativeBackpropFilter', 'Conv2DBackpropFilter'],
    input: ['DepthwiseConv2dNativeBackpropInput', 'Conv2DBackpropInput'],
  },
  Embedding: { weights: ['UnsortedSegmentSum'] },
  MaxPooling1D: MAX_POOL,
  MaxPooling2D: MAX_POOL,
  MaxPooling3D: { input: ['MaxPool3DGrad'] },
  AveragePooling1D: AVG_POOL,
  AveragePooling2D: AVG_POOL,
  AveragePooling3D: { input: ['AvgPool3DGrad'] },
};

/**
 * Fails if the backend cannot train `model`, which would otherwise show as a missing kernel in the first step: the
 * wasm backend, for one, has no gradients of convolutions and embeddings.
 *
 * It knows the layers of TensorFlow.js; layers of your own and loss functions are not looked at. Frozen layers may
 * need kernels too, if a layer before them is trained.
 *
 * @param backend default: the one in use; it must be ready (`await ready()`)
 * @throws UntrainableLayerError for the first such layer; it says which registered backend can
 */
export function checkBackend(model: LayersModel, backend: string = getBackend()): void {
  checkModel('checkBackend(model)', model);
  let isTrainedBefore = false;
  for (const [name, layer] of namedLayers(model)) {
    const isTrained = model.trainable && layer.trainableWeights.length > 0;
    const { weights = [], input = [] } = KERNELS[layer.getClassName()] ?? {};
    const takesWeights = isTrained || (isTrainedBefore && isFused(layer));
    for (const kernel of [...(takesWeights ? weights : []), ...(isTrainedBefore ? input : [])]) {
      if (getKernel(kernel, backend) != null) continue;
      const able = engine()
        .backendNames()
        .filter((other) => getKernel(kernel, other) != null);
      throw new UntrainableLayerError(`${name} (${layer.getClassName()})`, backend, kernel, able);
    }
    isTrainedBefore ||= isTrained;
  }
}

/** A fused operation computes all its gradients, the one by a frozen weight too. */
function isFused(layer: Layer): boolean {
  return layer.getClassName() === 'Conv2D' && layer.getConfig()['activation'] === 'linear';
}
