import '@tensorflow/tfjs-backend-cpu';
import {
  env,
  memory,
  mul,
  Optimizer,
  type Scalar,
  setBackend,
  square,
  sum,
  tensor,
  tidy,
  train,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../lib/tensor/json.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import { type OptimizerPart, optimizerPart } from '../../lib/tfjs/optimizer-part.js';

env().set('PROD', true);

const test = suite('optimizerPart');

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

interface Trained {
  readonly a: Variable;
  readonly b: Variable;
}

function variables(): { a: Variable; b: Variable } {
  return tidy(() => ({ a: variable(tensor([1, 2])), b: variable(tensor([3])) }));
}

function minimize(optimizer: Optimizer, { a, b }: Trained, list?: Variable[]): void {
  optimizer.minimize(() => sum(square(mul(a, b))) as Scalar, false, list);
}

function captured(part: OptimizerPart): PartState {
  const state = part.capture();
  if (state instanceof Promise) throw new Error('expected a synchronous capture');
  const tensors = new Map();
  for (const [name, one] of state.tensors) {
    tensors.set(name, 'bytes' in one ? { dtype: one.dtype, shape: one.shape, bytes: one.bytes.slice() } : one);
  }
  return { tensors, json: JSON.parse(JSON.stringify(state.json)) };
}

function floats(state: PartState, name: string): Float32Array {
  const one = state.tensors.get(name);
  if (one === undefined || !('bytes' in one)) throw new Error(`no tensor ${name}`);
  return new Float32Array(one.bytes.slice().buffer);
}

function field(json: Json | undefined, name: string): unknown {
  return Object.fromEntries(Object.entries(json ?? {}))[name];
}

test('names slots by their variables, and keeps the running products that no power gives back', () => {
  const owned = variables();
  const optimizer = train.adam(0.01);
  const part = optimizerPart(optimizer, { variables: owned });
  assert.equal([...captured(part).tensors.keys()], ['beta1_power', 'beta2_power']);
  for (let step = 0; step < 5; step++) minimize(optimizer, owned, [owned.a, owned.b]);
  const state = captured(part);
  assert.equal([...state.tensors.keys()], ['beta1_power', 'beta2_power', 'a/m', 'b/m', 'a/v', 'b/v']);
  assert.equal(state.json, {
    optimizer: 'Adam',
    iterations: 5,
    trained: ['a', 'b'],
    slots: ['a', 'b'],
    hyperparameters: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    flags: {},
  });
  let product = Math.fround(0.999);
  for (let step = 0; step < 5; step++) product = Math.fround(product * Math.fround(0.999));
  assert.equal(floats(state, 'beta2_power'), Float32Array.of(product));
  assert.not.equal(product, Math.fround(0.999 ** 6), 'the point of saving it');
});

test('follows the order in which the optimizer met the variables', () => {
  const owned = variables();
  const optimizer = train.momentum(0.01, 0.9);
  minimize(optimizer, owned, [owned.b, owned.a]);
  const state = captured(optimizerPart(optimizer, { variables: owned }));
  assert.equal(field(state.json, 'slots'), ['b', 'a']);
  const fresh = variables();
  const resumed = train.momentum(0.01, 0.9);
  const part = optimizerPart(resumed, { variables: fresh });
  part.restore(state);
  for (const name of ['a', 'b'] as const) fresh[name].assign(owned[name]);
  minimize(optimizer, owned, [owned.b, owned.a]);
  minimize(resumed, fresh, [fresh.b, fresh.a]);
  assert.equal(fresh.a.dataSync(), owned.a.dataSync());
  assert.equal(fresh.b.dataSync(), owned.b.dataSync());
});

test('makes slots as TensorFlow.js does: not trained, freed with the optimizer', () => {
  const owned = variables();
  const first = train.rmsprop(0.01, 0.9, 0.1, undefined, true);
  minimize(first, owned);
  const state = captured(optimizerPart(first, { variables: owned }));
  first.dispose();
  const before = memory().numTensors;
  const second = train.rmsprop(0.01, 0.9, 0.1, undefined, true);
  const part = optimizerPart(second, { variables: owned });
  part.restore(state);
  assert.is(memory().numTensors, before + 6);
  // A trainable slot would be found here and change how the slots are counted.
  minimize(second, owned);
  assert.is(memory().numTensors, before + 6);
  part.dispose();
  assert.is(memory().numTensors, before);
});

test('frees all that a momentum optimizer holds, which its own dispose does not', () => {
  const before = memory().numTensors;
  const owned = variables();
  const optimizer = train.momentum(0.1, 0.9);
  const part = optimizerPart(optimizer, { variables: owned });
  minimize(optimizer, owned);
  part.restore(captured(part));
  part.dispose();
  owned.a.dispose();
  owned.b.dispose();
  assert.is(memory().numTensors, before);
});

test('takes over the saved hyperparameters, and keeps its own when told to', () => {
  const owned = variables();
  const first = optimizerPart(train.momentum(0.5, 0.75), { variables: owned });
  first.learningRate = 0.125;
  const state = captured(first);
  const restored = optimizerPart(train.momentum(0.1, 0.9), { variables: owned });
  restored.restore(state);
  assert.is(restored.learningRate, 0.125);
  assert.equal(captured(restored), state);
  const kept = optimizerPart(train.momentum(0.1, 0.9), { variables: owned, keepsHyperparameters: true });
  kept.restore(state);
  assert.is(kept.learningRate, 0.1);
  assert.throws(() => (kept.learningRate = Number.NaN), /finite/);

  // What is computed counts, not what the configuration says.
  const [mine, theirs] = [variables(), variables()];
  const [a, b] = [optimizerPart(train.momentum(0.1, 0.9), { variables: mine }), train.momentum(0.125, 0.75)];
  a.restore(state);
  for (let step = 0; step < 3; step++) {
    minimize(a.optimizer, mine, [mine.a, mine.b]);
    minimize(b, theirs, [theirs.a, theirs.b]);
  }
  assert.equal(mine.a.dataSync(), theirs.a.dataSync());
});

test('changes the learning rate of every optimizer from the next step on', () => {
  for (const make of [train.sgd, train.adagrad, train.adam, train.adamax, train.rmsprop]) {
    const [one, two] = [variables(), variables()];
    const changed = optimizerPart(make(0.5), { variables: one });
    changed.learningRate = 0.03125;
    const expected = make(0.03125);
    minimize(changed.optimizer, one, [one.a, one.b]);
    minimize(expected, two, [two.a, two.b]);
    assert.equal(one.a.dataSync(), two.a.dataSync());
  }
});

test('lists what does not fit', () => {
  const owned = variables();
  const optimizer = train.adam(0.01);
  minimize(optimizer, owned);
  const state = captured(optimizerPart(optimizer, { variables: owned }));
  const against = (part: OptimizerPart, change: PartState = state): readonly string[] => {
    const differences = part.differences(change);
    assert.throws(
      () => part.restore(change),
      (error: { code?: string }) => error.code === 'STATE_MISMATCH',
    );
    return differences;
  };
  assert.equal(against(optimizerPart(train.sgd(1), { variables: owned })), [
    'optimizer is Adam in the checkpoint, SGD in this state',
  ]);
  const { a } = owned;
  assert.equal(against(optimizerPart(train.adam(1), { variables: { a } })), [
    'the list of trained variables is a, b in the checkpoint, a in this state',
  ]);
  const shaped = { a: variable(tensor([1, 2, 3])), b: owned.b };
  assert.equal(against(optimizerPart(train.adam(1), { variables: shaped })), [
    'a/m is float32[2] in the checkpoint, float32[3] in this state',
    'a/v is float32[2] in the checkpoint, float32[3] in this state',
  ]);
  const tensors = new Map(state.tensors);
  tensors.delete('b/v');
  tensors.set('c/m', { dtype: 'float32', shape: [], bytes: new Uint8Array(4) });
  assert.equal(against(optimizerPart(train.adam(1), { variables: owned }), { tensors, json: state.json }), [
    'b/v is not in the checkpoint',
    'c/m is in the checkpoint, but not in this state',
  ]);
  const centered = optimizerPart(train.rmsprop(1, 0.9, 0, 1e-7, true), { variables: owned });
  const plain = captured(optimizerPart(train.rmsprop(1), { variables: owned }));
  assert.equal(against(centered, plain), ['centered is false in the checkpoint, true in this state']);
});

test('refuses JSON that is none of its own, and changes nothing', () => {
  const owned = variables();
  const part = optimizerPart(train.adam(0.01), { variables: owned });
  minimize(part.optimizer, owned);
  const state = captured(part);
  const json = Object.fromEntries(Object.entries(state.json ?? {}));
  const lies: (Json | undefined)[] = [
    undefined,
    null,
    [],
    { ...json, iterations: -1 },
    { ...json, iterations: 0.5 },
    { ...json, slots: ['a', 'a'] },
    { ...json, slots: ['a', 'x'] },
    { ...json, slots: 'a' },
    { ...json, hyperparameters: { learningRate: 'fast' } },
    { ...json, hyperparameters: { ...Object(json['hyperparameters']), toString: 1 } },
    { ...json, flags: { centered: 1 } },
    { ...json, optimizer: 7 },
  ];
  for (const lie of lies) {
    const lying = { tensors: state.tensors, json: lie };
    assert.ok(part.differences(lying).length > 0, JSON.stringify(lie));
    assert.throws(
      () => part.restore(lying),
      (error: { code?: string }) => error.code === 'STATE_MISMATCH',
    );
  }
  assert.equal(captured(part), state);
});

test('refuses optimizers that it does not know, and other versions of those that it does', () => {
  const owned = variables();
  class Mine extends Optimizer {
    static readonly className = 'Mine';
    applyGradients(): void {}
    getConfig(): Record<string, never> {
      return {};
    }
  }
  const isUnsupported = (error: { code?: string }): boolean => error.code === 'UNSUPPORTED_OPTIMIZER';
  assert.throws(() => optimizerPart(new Mine(), { variables: owned }), isUnsupported);
  const moved = train.adam(0.1);
  Reflect.deleteProperty(moved, 'accBeta1');
  assert.throws(() => optimizerPart(moved, { variables: owned }), /Adam: expected its field accBeta1 to be a variable/);
  const optimizer = train.adam(0.1);
  minimize(optimizer, owned);
  const partial = optimizerPart(optimizer, { variables: { a: owned.a } });
  assert.throws(() => partial.capture(), isUnsupported);
  assert.throws(() => optimizerPart(optimizer, {}), /either model or variables/);
});

test.run();
