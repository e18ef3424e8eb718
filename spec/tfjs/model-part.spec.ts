import '@tensorflow/tfjs-backend-cpu';
import {
  env,
  findBackend,
  getKernelsForBackend,
  memory,
  ones,
  registerBackend,
  registerKernel,
  removeBackend,
  scalar,
  setBackend,
  Tensor,
  tensor,
  tidy,
  unregisterKernel,
  variable,
} from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import type { Tensor as PlainTensor } from '../../lib/tensor/tensor.js';
import { modelPart } from '../../lib/tfjs/model-part.js';
import { modelVariables } from '../../lib/tfjs/model-variables.js';
import { seededDropout } from '../../lib/tfjs/seeded-dropout.js';
import { unrepeatableLayers } from '../../lib/tfjs/unrepeatable-layers.js';
import { variablesPart } from '../../lib/tfjs/variables-part.js';

env().set('PROD', true);

const test = suite('modelPart');

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

function small(): LayersModel {
  return sequential({
    layers: [layers.dense({ units: 2, inputShape: [3] }), layers.dense({ units: 1, useBias: false })],
  });
}

function captured(part: { capture(): unknown }): PartState {
  const state = part.capture();
  assert.not.instance(state, Promise);
  return state as PartState;
}

function bytesOf(tensor: PlainTensor | undefined): Uint8Array {
  if (tensor === undefined || !('bytes' in tensor)) throw new Error('expected a tensor with bytes');
  return tensor.bytes;
}

test('names weights alike for every copy of a model, as Keras counts them', () => {
  const make = (): LayersModel =>
    sequential({
      layers: [
        layers.dense({ units: 2, inputShape: [2] }),
        layers.batchNormalization(),
        layers.dense({ units: 2, name: 'mine' }),
        layers.dense({ units: 2, useBias: false }),
        sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] }),
        layers.timeDistributed({ layer: layers.dense({ units: 2 }), inputShape: [1, 2], name: 'later' }),
      ].slice(0, 5),
    });
  const names = [
    'dense/kernel',
    'dense/bias',
    'batch_normalization/gamma',
    'batch_normalization/beta',
    'batch_normalization/moving_mean',
    'batch_normalization/moving_variance',
    'mine/kernel',
    'mine/bias',
    'dense_1/kernel',
    'sequential/dense/kernel',
    'sequential/dense/bias',
  ];
  const [first, second] = [make(), make()];
  assert.equal([...modelVariables(first).keys()], names);
  assert.equal([...modelVariables(second).keys()], names);
  assert.not.equal(first.layers[0]?.name, second.layers[0]?.name, 'TensorFlow.js itself names them otherwise');
  first.dispose();
  second.dispose();
});

test('names the weights of a wrapped layer that share a name apart, frozen or not', () => {
  const model = sequential({
    layers: [
      layers.bidirectional({
        layer: layers.simpleRNN({ units: 2, recurrentInitializer: 'glorotUniform' }),
        mergeMode: 'concat',
        inputShape: [3, 2],
      }),
    ],
  });
  const before = modelVariables(model);
  assert.equal(
    [...before.keys()],
    ['kernel', 'recurrent_kernel', 'bias', 'kernel_1', 'recurrent_kernel_1', 'bias_1'].map(
      (name) => `bidirectional/${name}`,
    ),
  );
  for (const layer of model.layers) layer.trainable = false;
  assert.equal([...modelVariables(model)], [...before]);
  model.dispose();
});

test('gives the elements as they are when the bytes are asked for', () => {
  const part = modelPart(small());
  const kernel = captured(part).tensors.get('dense/kernel');
  const weight = part.variables.get('dense/kernel');
  tidy(() => weight?.assign(ones([3, 2])));
  assert.equal(new Float32Array(bytesOf(kernel).slice().buffer), Float32Array.of(1, 1, 1, 1, 1, 1));
  assert.is(kernel?.dtype, 'float32');
  assert.equal(kernel?.shape, [3, 2]);
  part.dispose();
});

test('lists every difference and changes nothing', () => {
  const part = modelPart(small());
  const before = bytesOf(captured(part).tensors.get('dense/kernel')).slice();
  const f32 = (shape: number[]): PlainTensor => ({
    dtype: 'float32',
    shape,
    bytes: new Uint8Array(4 * shape.reduce((product, size) => product * size, 1)),
  });
  const state: PartState = {
    tensors: new Map<string, PlainTensor>([
      ['dense/kernel', f32([2, 3])],
      ['dense_1/kernel', { dtype: 'int32', shape: [2, 1], bytes: new Uint8Array(8) }],
      ['dense_2/kernel', f32([1])],
    ]),
    json: { random: { dropout: [1, 2, 3, 4] } },
  };
  const expected = [
    'dense/kernel is float32[2, 3] in the checkpoint, float32[3, 2] in this state',
    'dense/bias is not in the checkpoint',
    'dense_1/kernel is int32[2, 1] in the checkpoint, float32[2, 1] in this state',
    'dense_2/kernel is in the checkpoint, but not in this state',
    'dropout is in the checkpoint, but not in this state',
  ];
  assert.equal(part.differences(state), expected);
  assert.throws(
    () => part.restore(state),
    (error: { code?: string; differences?: unknown }) => {
      assert.equal(error.differences, expected);
      return error.code === 'STATE_MISMATCH';
    },
  );
  assert.equal(bytesOf(captured(part).tensors.get('dense/kernel')), before);
  part.dispose();
});

test('refuses layers whose random numbers no checkpoint can hold, unless it is told otherwise', () => {
  const model = sequential({
    layers: [
      layers.dense({ units: 2, inputShape: [4, 2] }),
      layers.dropout({ rate: 0.5 }),
      layers.dropout({ rate: 0 }),
      layers.dropout({ rate: 0.5, seed: 3 }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.simpleRNN({
        units: 2,
        recurrentDropout: 0.1,
        recurrentInitializer: 'glorotUniform',
        returnSequences: true,
      }),
      layers.bidirectional({
        layer: layers.simpleRNN({ units: 2, dropout: 0.1, recurrentInitializer: 'glorotUniform' }),
        mergeMode: 'concat',
      }),
    ],
  });
  const found = [
    'dropout (Dropout)',
    'gaussian_noise (GaussianNoise)',
    'simple_rnn (SimpleRNN)',
    'bidirectional (Bidirectional)',
  ];
  assert.equal(unrepeatableLayers(model), found);
  assert.throws(
    () => modelPart(model),
    (error: { code?: string; layers?: unknown }) => {
      assert.equal(error.layers, found);
      return error.code === 'UNREPEATABLE_LAYER';
    },
  );
  assert.ok(modelPart(model, { allowsRandomLayers: true }));
  model.dispose();
});

test('seededDropout drops its share, scales the rest, and goes on from the saved state', () => {
  const make = (): LayersModel =>
    sequential({
      layers: [layers.inputLayer({ inputShape: [1000] }), seededDropout({ rate: 0.25, random: random(1) })],
    });
  const [part, other] = [modelPart(make()), modelPart(make())];
  const masked = (model: LayersModel, training: boolean): Float32Array =>
    tidy(() => {
      const output = model.apply(ones([4, 1000]), { training });
      assert.instance(output, Tensor);
      return (output as Tensor).dataSync<'float32'>().slice();
    });
  assert.equal(masked(part.model, false), new Float32Array(4000).fill(1));
  const first = masked(part.model, true);
  const values = new Set(first);
  assert.equal([...values].sort(), [0, Math.fround(1 / 0.75)]);
  const dropped = first.filter((value) => value === 0).length / 4000;
  assert.ok(Math.abs(dropped - 0.25) < 0.03, `${dropped}`);
  const saved = JSON.parse(JSON.stringify(captured(part).json));
  const second = masked(part.model, true);
  assert.not.equal(second, first, 'each step drops other units');
  other.restore({ tensors: new Map(), json: saved });
  assert.equal(masked(other.model, true), second);
  assert.equal(other.differences({ tensors: new Map() }), ['seeded_dropout is not in the checkpoint']);
  assert.equal(other.differences({ tensors: new Map(), json: { random: { seeded_dropout: [0] } } }), [
    'seeded_dropout has no random state in the checkpoint',
  ]);
  assert.throws(() => seededDropout({ rate: 1, random: random(1) }), /seededDropout\(rate\)/);
});

test('variablesPart keeps float32, int32 and bool bit for bit, NaNs and empty ones too', () => {
  const before = memory().numTensors;
  const make = (): Record<string, ReturnType<typeof variable>> =>
    tidy(() => ({
      floats: variable(tensor([1.5, Number.NaN, -0, Number.POSITIVE_INFINITY])),
      ints: variable(tensor([-(2 ** 31), 7], [2, 1], 'int32')),
      flags: variable(tensor([true, false, true], [3], 'bool'), false),
      scalar: variable(scalar(3)),
      empty: variable(tensor([], [0, 4], 'float32')),
    }));
  const [from, to] = [make(), make()];
  const source = variablesPart(from);
  const target = variablesPart(to);
  for (const one of Object.values(to))
    tidy(() => one.assign(tensor(one.dataSync().slice().fill(0), one.shape, one.dtype)));
  const state = captured(source);
  assert.not.equal(bytesOf(captured(target).tensors.get('ints')), bytesOf(state.tensors.get('ints')));
  const held = memory().numTensors;
  for (let round = 0; round < 3; round++) target.restore(state);
  assert.is(memory().numTensors, held);
  const restored = captured(target).tensors;
  assert.equal([...restored.keys()], ['floats', 'ints', 'flags', 'scalar', 'empty']);
  for (const [name, one] of state.tensors) {
    assert.equal(bytesOf(restored.get(name)), bytesOf(one), name);
    assert.is(restored.get(name)?.dtype, one.dtype);
    assert.equal(restored.get(name)?.shape, one.shape);
  }
  assert.equal(bytesOf(restored.get('flags')), Uint8Array.of(1, 0, 1));
  for (const one of [...Object.values(from), ...Object.values(to)]) one.dispose();
  assert.is(memory().numTensors, before);
});

test('variablesPart refuses dtypes that it could not give back', () => {
  const text = variable(tensor(['a']));
  const part = variablesPart({ text });
  assert.throws(() => captured(part), /text/);
  text.dispose();
});

test('captures asynchronously on a backend that cannot be read at once', async () => {
  // The cpu backend under the name of one that has no synchronous reading.
  const cpu = findBackend('cpu');
  const slow = Object.create(cpu, {
    read: { value: async (id: object) => cpu.readSync(id) },
    readSync: {
      value: () => {
        throw new Error('readSync is not to be called');
      },
    },
  });
  registerBackend('webgpu', () => slow);
  for (const kernel of getKernelsForBackend('cpu')) registerKernel({ ...kernel, backendName: 'webgpu' });
  try {
    assert.ok(await setBackend('webgpu'));
    const part = variablesPart({ one: variable(tensor([1, 2])) });
    const state = part.capture();
    assert.instance(state, Promise);
    const { tensors } = (await state) as PartState;
    assert.equal(new Float32Array(bytesOf(tensors.get('one')).slice().buffer), Float32Array.of(1, 2));
  } finally {
    await setBackend('cpu');
    for (const kernel of getKernelsForBackend('webgpu')) unregisterKernel(kernel.kernelName, 'webgpu');
    removeBackend('webgpu');
  }
});

test.run();
