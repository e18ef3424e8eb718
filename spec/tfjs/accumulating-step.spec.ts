import '@tensorflow/tfjs-backend-cpu';
import { env, memory, setBackend, train } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { lastValueFrom, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exponentialMovingAverage } from '../../lib/hook/learn/exponential-moving-average.js';
import { silentLogger } from '../../lib/log/logger.js';
import { random } from '../../lib/session/random.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { type AccumulatingStepOptions, accumulatingStep } from '../../lib/tfjs/accumulating-step.js';
import { averagedVariables } from '../../lib/tfjs/averaged-variables.js';
import { type ClassBatch, classify } from '../../lib/tfjs/classify.js';
import { gradientAccumulator } from '../../lib/tfjs/gradient-accumulator.js';
import { modelPart } from '../../lib/tfjs/model-part.js';
import { optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { cutEverywhere } from '../hook/state/cut-everywhere.js';

env().set('PROD', true);
const test = suite('accumulatingStep');
test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

const generator = random(1, 'data');
const FEATURES = 3;
const examples = Array.from({ length: 24 }, () => {
  const inputs = Float32Array.from({ length: FEATURES }, () => generator.normal());
  return { inputs, label: (inputs[0] ?? 0) > 0 ? 1 : 0 };
});
/** The examples in order, so many to a batch. */
const batchesOf = (size: number): ClassBatch[] =>
  Array.from({ length: examples.length / size }, (_, i) => {
    const own = examples.slice(i * size, (i + 1) * size);
    return {
      inputs: Float32Array.from(own.flatMap(({ inputs }) => [...inputs])),
      labels: Uint8Array.from(own, ({ label }) => label),
    };
  });

const create = (batches: number) => () => {
  const model = sequential({
    layers: [
      layers.dense({
        units: 4,
        inputShape: [FEATURES],
        activation: 'tanh',
        kernelInitializer: initializers.glorotUniform({ seed: 1 }),
      }),
      layers.dense({ units: 2, kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const optimizer = optimizerPart(train.adam(0.05), { model });
  return { model: modelPart(model), optimizer, accumulator: gradientAccumulator(optimizer, { batches }) };
};
type State = ReturnType<ReturnType<typeof create>>;
const dispose = ({ model, optimizer, accumulator }: State): void => {
  accumulator.dispose();
  optimizer.dispose();
  model.dispose();
};

const session = (
  batches: number,
  size: number,
  {
    restore,
    ...options
  }: Partial<AccumulatingStepOptions<State, ClassBatch, never>> & { restore?: RestoreSource | undefined } = {},
) =>
  trainingSession({
    scaffold: { create: create(batches), dispose },
    input: batchesOf(size),
    step: accumulatingStep({ forward: classify, ...(options as object) }),
    restore,
    logger: silentLogger,
  });

async function trained(
  batches: number,
  size: number,
  options = {},
): Promise<{ weights: number[]; iterations: unknown; steps: number[] }> {
  let weights: number[] = [];
  let iterations: unknown;
  const steps: number[] = [];
  await lastValueFrom(
    session(batches, size, options).pipe(
      tap((event) => {
        if (event.type === 'step') steps.push(event.globalStep);
        if (event.type !== 'end') return;
        weights = [...event.state.model.variables.values()].flatMap((variable) => [...variable.dataSync()]);
        iterations = event.state.optimizer.optimizer.iterations;
      }),
    ),
  );
  return { weights, iterations, steps };
}

test('updates are as of one large batch', async () => {
  const whole = await trained(1, 12);
  const parts = await trained(4, 3);
  assert.is(whole.weights.length, 4 * 3 + 4 + 4 * 2 + 2);
  for (const [i, weight] of parts.weights.entries()) {
    // Sums of floats in another order: all but the last bits.
    assert.ok(Math.abs(weight - (whole.weights[i] ?? 0)) < 1e-5, `weight ${i}: ${weight}, ${whole.weights[i]}`);
  }
  assert.is(parts.iterations, whole.iterations);
});

test('counts batches, or updates', async () => {
  assert.equal((await trained(4, 3)).steps, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal((await trained(4, 3, { counts: 'updates' })).steps, [0, 0, 0, 1, 1, 1, 1, 2]);
});

test('changes the mean, once an update', async () => {
  let calls = 0;
  await trained(4, 3, {
    transformGradients: (gradients: unknown) => {
      calls++;
      return gradients;
    },
  });
  assert.is(calls, 2);
});

test('a run that is cut in the midst of an update goes on bit for bit', () =>
  cutEverywhere((restore) => session(3, 3, { restore })));

test('averages of the weights go on bit for bit, too, and are of what is trained', () =>
  cutEverywhere((restore) =>
    session(1, 4, { restore }).pipe(
      exponentialMovingAverage<State>({
        of: ({ optimizer }) => averagedVariables(optimizer.trained),
        decay: 0.8,
        save: 'averages',
      }),
    ),
  ));

test('leaks no tensor', async () => {
  const before = memory().numTensors;
  await trained(3, 3);
  assert.is(memory().numTensors, before);
});

test('a sum over another number of batches does not fit within an update', () => {
  const [three, four] = [create(3)(), create(4)()];
  const step = accumulatingStep({ forward: classify });
  const [batch] = batchesOf(3);
  if (batch === undefined) throw new Error('no batch');
  step({ state: three, batch });
  const state = three.accumulator.capture();
  if (state instanceof Promise) throw new Error('expected a synchronous capture');
  assert.is(state.tensors.size, 4);
  assert.match(four.accumulator.differences(state).join(), /batches is 3 in the checkpoint/);
  assert.throws(() => four.accumulator.restore(state), /batches is 3/);
  assert.equal(four.accumulator.differences({ tensors: new Map(), json: { count: 0, batches: 3 } }), []);
  for (const parts of [three, four]) dispose(parts);
  assert.throws(
    () => gradientAccumulator(three.optimizer, { batches: 0 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => accumulatingStep({ forward: classify, counts: 'x' as never }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
