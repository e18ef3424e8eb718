// The law of this room: run to n, or run to k, restore into a fresh state and run on to n; every byte is the same.

import * as cpu from '@tensorflow/tfjs-backend-cpu';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { env, memory, type Optimizer, setBackend, train } from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import { type ClassBatch, classify } from '../../lib/tfjs/classify.js';
import { type ModelPart, modelPart } from '../../lib/tfjs/model-part.js';
import { type OptimizerPart, optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { seededDropout } from '../../lib/tfjs/seeded-dropout.js';
import { trainStep } from '../../lib/tfjs/train-step.js';

env().set('PROD', true);
assert.ok(cpu && wasm);

const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => train.sgd(0.1),
  momentum: () => train.momentum(0.05, 0.9),
  nesterov: () => train.momentum(0.05, 0.9, true),
  adagrad: () => train.adagrad(0.1),
  adadelta: () => train.adadelta(0.5),
  adam: () => train.adam(0.01),
  adamax: () => train.adamax(0.01, 0.9, 0.999, undefined, 0.01),
  rmsprop: () => train.rmsprop(0.01),
  'rmsprop with momentum': () => train.rmsprop(0.01, 0.9, 0.5),
  'centered rmsprop': () => train.rmsprop(0.01, 0.9, 0.5, undefined, true),
};
const STEPS = 12;

interface State {
  readonly model: ModelPart;
  readonly optimizer: OptimizerPart;
}

const step = trainStep({ forward: classify });

function mlp(): LayersModel {
  return sequential({
    layers: [
      layers.dense({
        units: 7,
        activation: 'relu',
        inputShape: [5],
        kernelInitializer: initializers.glorotUniform({ seed: 1 }),
      }),
      layers.batchNormalization(),
      seededDropout({ rate: 0.3, random: random(5, 'dropout') }),
      layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
}

function convnet(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({
        filters: 2,
        kernelSize: 3,
        inputShape: [6, 6, 1],
        kernelInitializer: initializers.heNormal({ seed: 1 }),
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
}

function create(model: LayersModel, optimizer: Optimizer): State {
  return { model: modelPart(model), optimizer: optimizerPart(optimizer, { model }) };
}

function dispose(state: State): void {
  state.optimizer.dispose();
  state.model.dispose();
}

function batchOf(index: number, features: number): ClassBatch {
  const generator = random(3, `batch ${index}`);
  return {
    inputs: Float32Array.from({ length: 8 * features }, () => generator.normal()),
    labels: Uint8Array.from({ length: 8 }, () => generator.integer(3)),
  };
}

/** A copy of a state, as a checkpoint would give it back: other memory, JSON read anew. */
function copyOf(part: ModelPart | OptimizerPart): PartState {
  const state = part.capture();
  if (state instanceof Promise) throw new Error('expected a synchronous capture');
  const tensors = new Map();
  for (const [name, tensor] of state.tensors) {
    if (!('bytes' in tensor)) throw new Error(`${name} is a tensor of strings`);
    // At an odd place in memory, where no typed array of floats may lie.
    const bytes = new Uint8Array(tensor.bytes.length + 1).subarray(1);
    bytes.set(tensor.bytes);
    tensors.set(name, { dtype: tensor.dtype, shape: tensor.shape, bytes });
  }
  return { tensors, json: state.json === undefined ? undefined : JSON.parse(JSON.stringify(state.json)) };
}

const copies = (state: State): PartState[] => [copyOf(state.model), copyOf(state.optimizer)];

/** The outputs of steps from `from` to below `to`. */
function run(state: State, from: number, to: number, features: number): unknown[] {
  return Array.from({ length: to - from }, (_, index) => step({ state, batch: batchOf(from + index, features) }));
}

function checkEveryCut(model: () => LayersModel, optimizer: () => Optimizer, features: number, steps = STEPS): void {
  const whole = create(model(), optimizer());
  const snapshots = [copies(whole)];
  const outputs: unknown[] = [];
  for (let index = 0; index < steps; index++) {
    outputs.push(...run(whole, index, index + 1, features));
    snapshots.push(copies(whole));
  }
  dispose(whole);
  assert.not.equal(snapshots[0]?.[0], snapshots[steps]?.[0], 'something was trained');

  for (let cut = 0; cut <= steps; cut++) {
    const resumed = create(model(), optimizer());
    const [modelState, optimizerState] = snapshots[cut] ?? [];
    if (modelState === undefined || optimizerState === undefined) throw new Error('no snapshot');
    assert.equal(resumed.model.differences(modelState), []);
    assert.equal(resumed.optimizer.differences(optimizerState), []);
    resumed.model.restore(modelState);
    resumed.optimizer.restore(optimizerState);
    assert.equal(copies(resumed), snapshots[cut], `the restored state at ${cut} is the saved one`);
    // What restore was given belongs to somebody else again.
    for (const { tensors } of [modelState, optimizerState]) {
      for (const tensor of tensors.values()) if ('bytes' in tensor) tensor.bytes.fill(0xff);
    }
    assert.equal(run(resumed, cut, steps, features), outputs.slice(cut), `the outputs after a cut at ${cut}`);
    if (cut < steps) assert.equal(copies(resumed), snapshots[steps], `the end of a run cut at ${cut}`);
    dispose(resumed);
  }
}

for (const backend of ['cpu', 'wasm']) {
  const test = suite(`resume on ${backend}`);

  test.before(async () => {
    assert.ok(await setBackend(backend));
  });

  for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
    test(`${name} goes on bit for bit, wherever it is cut, and leaves no tensor behind`, () => {
      const before = memory().numTensors;
      checkEveryCut(mlp, optimizer, 5);
      assert.is(memory().numTensors, before);
    });
  }

  if (backend === 'cpu') {
    test('a convnet goes on bit for bit', () => {
      checkEveryCut(convnet, () => train.adam(0.01), 36, 4);
    });
  }

  test('holds as many tensors after 1000 steps as after 10, with captures and restores between', () => {
    const state = create(mlp(), train.adam(0.01));
    run(state, 0, 10, 5);
    const after10 = memory().numTensors;
    for (let index = 10; index < 1000; index++) {
      run(state, index, index + 1, 5);
      if (index % 100 === 0) {
        const [modelState, optimizerState] = copies(state);
        if (modelState === undefined || optimizerState === undefined) throw new Error('no state');
        state.model.restore(modelState);
        state.optimizer.restore(optimizerState);
      }
    }
    assert.is(memory().numTensors, after10);
    dispose(state);
  });

  test('restores over a state that was trained on, back to the start too', () => {
    const state = create(mlp(), train.rmsprop(0.01, 0.9, 0.5, undefined, true));
    const atStart = copies(state);
    const whole = run(state, 0, 6, 5);
    const [modelState, optimizerState] = atStart;
    if (modelState === undefined || optimizerState === undefined) throw new Error('no state');
    const tensors = memory().numTensors;
    state.model.restore(modelState);
    state.optimizer.restore(optimizerState);
    assert.equal(copies(state), atStart);
    // Four trained weights and those of the normalization; each had three slots, which are gone.
    assert.is(memory().numTensors, tensors - 6 * 3);
    assert.equal(run(state, 0, 6, 5), whole);
    dispose(state);
  });

  test.run();
}
