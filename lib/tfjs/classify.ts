import {
  add,
  addN,
  argMax,
  cast,
  equal,
  losses,
  mean,
  oneHot,
  type Scalar,
  Tensor,
  type Tensor1D,
  tensor,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelPart } from './model-part.js';

/** Examples with one class each. Plain arrays are made into tensors within the step, so that nobody has to free them. */
export interface ClassBatch {
  /** `[examples, ...the model's input shape]`, float32. */
  readonly inputs: Float32Array | Tensor;
  /** The class of each example, from 0: `[examples]`. */
  readonly labels: Uint8Array | Int32Array | Tensor1D;
}

/**
 * Computes the softmax cross entropy of a model's logits, with what its regularizers add, and the share of the batch
 * that it gets right. For {@link trainStep}; the model has one input, and one output `[examples, classes]` without a
 * softmax.
 */
export function classify(
  { model: { model } }: { readonly model: ModelPart },
  batch: ClassBatch,
): { readonly loss: Scalar; readonly accuracy: Scalar } {
  const inputs = inputTensor(model, batch);
  const labels = batch.labels instanceof Tensor ? batch.labels : tensor1d(Int32Array.from(batch.labels), 'int32');
  const logits = model.apply(inputs, { training: true });
  const classes = logits instanceof Tensor && logits.shape.length === 2 ? logits.shape[1] : undefined;
  if (classes === undefined || !(logits instanceof Tensor)) {
    throw new RangeError('classify(state): expected a model with one output [examples, classes]');
  }
  const crossEntropy: Scalar = losses.softmaxCrossEntropy(oneHot(labels, classes), logits);
  const penalties = model.calculateLosses();
  return {
    loss: penalties.length > 0 ? add<Scalar>(crossEntropy, addN(penalties)) : crossEntropy,
    accuracy: mean<Scalar>(cast(equal(argMax(logits, 1), labels), 'float32')),
  };
}

function inputTensor({ inputs: [input] }: LayersModel, { inputs, labels }: ClassBatch): Tensor {
  if (inputs instanceof Tensor) return inputs;
  const examples = labels instanceof Tensor ? labels.shape[0] : labels.length;
  const shape = (input?.shape ?? []).slice(1).map((size) => size ?? -1);
  return tensor(inputs, [examples, ...shape], 'float32');
}
