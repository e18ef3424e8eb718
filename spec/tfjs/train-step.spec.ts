import '@tensorflow/tfjs-backend-cpu';
import {
  clipByValue,
  env,
  losses,
  memory,
  oneHot,
  type Scalar,
  setBackend,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  train,
} from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, regularizers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensors } from '../../lib/tensor/tensor.js';
import { classify } from '../../lib/tfjs/classify.js';
import { type ModelPart, modelPart } from '../../lib/tfjs/model-part.js';
import { type OptimizerPart, optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { GRADIENTS, trainStep } from '../../lib/tfjs/train-step.js';

env().set('PROD', true);

const test = suite('trainStep');

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

interface State {
  readonly model: ModelPart;
  readonly optimizer: OptimizerPart;
}

const batch = { inputs: Float32Array.of(1, 2, -1, 0.5, 0, 1), labels: Uint8Array.of(0, 1, 1) };

function linear(l2?: number): LayersModel {
  const kernelRegularizer = l2 === undefined ? {} : { kernelRegularizer: regularizers.l2({ l2 }) };
  const kernelInitializer = initializers.glorotUniform({ seed: 1 });
  return sequential({ layers: [layers.dense({ units: 2, inputShape: [2], kernelInitializer, ...kernelRegularizer })] });
}

function create(model = linear(), rate = 0.5): State {
  return { model: modelPart(model), optimizer: optimizerPart(train.sgd(rate), { model }) };
}

function weightsOf({ model }: State): number[][] {
  return [...model.variables.values()].map((weight) => [...weight.dataSync()]);
}

const step = trainStep({ forward: classify });

test('does what optimizer.minimize does, bit for bit', () => {
  const [ours, theirs] = [create(), create()];
  const { model } = theirs.model;
  for (let index = 0; index < 5; index++) {
    const { loss, accuracy } = step({ state: ours, batch });
    const expected = tidy(() => {
      const inputs = tensor2d(batch.inputs, [3, 2]);
      const labels = oneHot(tensor1d([0, 1, 1], 'int32'), 2);
      const cost = theirs.optimizer.optimizer.minimize(
        () => losses.softmaxCrossEntropy(labels, model.apply(inputs) as Tensor) as Scalar,
        true,
        [...theirs.optimizer.trained.values()],
      );
      return cost?.dataSync()[0];
    });
    assert.is(loss, expected);
    assert.ok(accuracy >= 0 && accuracy <= 1);
  }
  assert.equal(weightsOf(ours), weightsOf(theirs));
});

test('counts what the model gets right', () => {
  const state = create();
  const kernel = state.model.variables.get('dense/kernel');
  tidy(() => kernel?.assign(tensor2d([1, 0, 0, 1], [2, 2])));
  // Logits are the inputs: (1, 2) is class 1, (-1, 0.5) is class 1, (0, 1) is class 1; the labels say 0, 1, 1.
  assert.is(step({ state, batch }).accuracy, Math.fround(2 / 3));
});

test('adds what regularizers add', () => {
  const [plain, regular] = [create(), create(linear(0.25))];
  const kernel = weightsOf(plain)[0] ?? [];
  const penalty = 0.25 * kernel.reduce((sum, value) => sum + value * value, 0);
  const difference = step({ state: regular, batch }).loss - step({ state: plain, batch }).loss;
  assert.ok(penalty > 0.01 && Math.abs(difference - penalty) < 1e-6, `${difference} for ${penalty}`);
});

test('provides the gradients to whoever asks, as plain tensors', () => {
  const state = create();
  const [before = []] = weightsOf(state);
  const provided: unknown[] = [];
  const provide = (fetch: string, value: unknown): void => void provided.push(fetch, value);
  step({ state, batch, requested: new Set(), provide });
  assert.equal(provided, []);
  const [start = []] = weightsOf(state);
  step({ state, batch, requested: new Set([GRADIENTS]), provide });
  const [after = []] = weightsOf(state);
  step({ state, batch });
  const [fetch, gradients] = provided as [string, Tensors];
  assert.is(fetch, 'gradients');
  assert.equal([...gradients.keys()], ['dense/kernel', 'dense/bias']);
  const kernel = gradients.get('dense/kernel');
  if (kernel === undefined || !('bytes' in kernel)) throw new Error('no gradient');
  const values = new Float32Array(kernel.bytes.slice().buffer);
  assert.not.equal(before, start);
  for (const [index, gradient] of values.entries()) {
    assert.is(after[index], Math.fround(Math.fround(-0.5 * gradient) + (start[index] ?? 0)));
  }
});

test('lets gradients be changed or left out', () => {
  const state = create();
  const clipped = trainStep({
    forward: classify,
    transformGradients: (gradients) =>
      new Map(
        [...gradients]
          .filter(([name]) => name !== 'dense/bias')
          .map(([name, one]) => [name, clipByValue(one, -0.01, 0.01)]),
      ),
  });
  const [kernelBefore = [], biasBefore] = weightsOf(state);
  clipped({ state, batch });
  const [kernelAfter = [], biasAfter] = weightsOf(state);
  assert.equal(biasAfter, biasBefore);
  assert.not.equal(kernelAfter, kernelBefore);
  for (const [index, value] of kernelAfter.entries())
    assert.ok(Math.abs(value - (kernelBefore[index] ?? 0)) <= 0.00501);
});

test('trains what is not frozen', () => {
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] }), layers.dense({ units: 2 })] });
  const state = create(model);
  const [first] = model.layers;
  if (first === undefined) throw new Error('no layer');
  assert.is(state.optimizer.trained.size, 4);
  first.trainable = false;
  assert.equal([...state.optimizer.trained.keys()], ['dense_1/kernel', 'dense_1/bias']);
  const before = weightsOf(state);
  step({ state, batch });
  const after = weightsOf(state);
  assert.equal(after.slice(0, 2), before.slice(0, 2));
  assert.not.equal(after.slice(2), before.slice(2));
  first.trainable = true;
  assert.is(state.optimizer.trained.size, 4);
  model.trainable = false;
  assert.is(state.optimizer.trained.size, 0);
});

test('leaves no tensor behind, not even when a step fails', () => {
  const state = create();
  const broken = trainStep({
    forward: classify,
    transformGradients: () => {
      throw new Error('boom');
    },
  });
  step({ state, batch });
  const before = memory().numTensors;
  for (let index = 0; index < 20; index++) step({ state, batch });
  assert.throws(() => broken({ state, batch }), /boom/);
  assert.is(memory().numTensors, before);
});

test('says what is wrong with a model that gives no logits', () => {
  const state = create(
    sequential({ layers: [layers.reshape({ targetShape: [1, 2], inputShape: [2] }), layers.dense({ units: 2 })] }),
  );
  assert.throws(() => step({ state, batch }), /one output \[examples, classes\]/);
});

test.run();
