// Runs of TensorFlow.js for the law of resuming: any optimizer, saver and format, small models with dropout on shuffled
// batches over several epochs, and every hook that has a state of its own.

import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { env, mean, type Optimizer, setBackend, square, Tensor, tensor, tidy, train } from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import * as assert from 'uvu/assert';
import type { CheckpointFormat } from '../../../lib/checkpoint/format/checkpoint-format.js';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { earlyStopping } from '../../../lib/hook/learn/early-stopping.js';
import { evaluate } from '../../../lib/hook/learn/evaluate.js';
import { exponentialMovingAverage } from '../../../lib/hook/learn/exponential-moving-average.js';
import { learningRateSchedule } from '../../../lib/hook/learn/learning-rate-schedule.js';
import { plateauRate } from '../../../lib/hook/learn/plateau-rate.js';
import { warmUpRate } from '../../../lib/hook/learn/rate-schedule.js';
import { rollbackOnSpike } from '../../../lib/hook/learn/rollback-on-spike.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { statefulHook } from '../../../lib/hook/state/stateful-hook.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { random } from '../../../lib/session/random.js';
import { shuffledBatches } from '../../../lib/session/shuffled-batches.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import type { MakeRun } from '../../../lib/testing/resume-law.js';
import { accumulatingStep } from '../../../lib/tfjs/accumulating-step.js';
import { averagedVariables } from '../../../lib/tfjs/averaged-variables.js';
import { type ClassBatch, classify } from '../../../lib/tfjs/classify.js';
import { gradientAccumulator } from '../../../lib/tfjs/gradient-accumulator.js';
import { modelPart } from '../../../lib/tfjs/model-part.js';
import { optimizerPart } from '../../../lib/tfjs/optimizer-part.js';
import { seededDropout } from '../../../lib/tfjs/seeded-dropout.js';
import { trainStep } from '../../../lib/tfjs/train-step.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

/** All optimizers of TensorFlow.js, and those of their options that bring a slot of their own. */
export const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => train.sgd(0.1),
  momentum: () => train.momentum(0.05, 0.9),
  nesterov: () => train.momentum(0.05, 0.9, true),
  adagrad: () => train.adagrad(0.1),
  adadelta: () => train.adadelta(0.5),
  adam: () => train.adam(0.01),
  adamax: () => train.adamax(0.01, 0.9, 0.999, undefined, 0.01),
  rmsprop: () => train.rmsprop(0.01, 0.9, 0.5),
  'centered rmsprop': () => train.rmsprop(0.01, 0.9, 0.5, undefined, true),
};

/** One step in each epoch of five batches has an example that makes the loss leap. */
const POISONED = 12;
const EXAMPLES = 20;

export interface LearningRunOptions {
  readonly optimizer: () => Optimizer;
  readonly model: 'mlp' | 'convnet';
  readonly format: CheckpointFormat;
  readonly isAsync: boolean;
  /** Whether all hooks that learn stand in the run, and the loss leaps now and then. */
  readonly hasHooks: boolean;
  /** @default 3 */
  readonly saveSteps?: number | undefined;
}

/** TensorFlow.js's wasm backend, on one thread, or its plain one for models that wasm has no gradients for. */
export async function startBackend(name: 'wasm' | 'cpu'): Promise<void> {
  env().set('PROD', true);
  if (name === 'wasm') setThreadsCount(1);
  assert.ok(await setBackend(name));
}

const FEATURES = { mlp: 5, convnet: 36 } as const;

function modelOf(kind: LearningRunOptions['model']): LayersModel {
  const dense = layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed: 2 }) });
  const first = initializers.glorotUniform({ seed: 1 });
  if (kind === 'convnet') {
    return sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], kernelInitializer: first }),
        layers.batchNormalization(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        seededDropout({ rate: 0.3, random: random(5, 'dropout') }),
        dense,
      ],
    });
  }
  return sequential({
    layers: [
      layers.dense({ units: 7, activation: 'relu', inputShape: [5], kernelInitializer: first }),
      seededDropout({ rate: 0.3, random: random(5, 'dropout') }),
      dense,
    ],
  });
}

function examplesOf(features: number, isPoisoned: boolean): readonly Float32Array[] {
  const generator = random(3, 'examples');
  return Array.from({ length: EXAMPLES }, (_, index) =>
    Float32Array.from({ length: features }, () => generator.normal() * (isPoisoned && index === POISONED ? 1e3 : 1)),
  );
}

export function learningRun({
  optimizer,
  model: kind,
  format,
  isAsync,
  hasHooks,
  saveSteps = 3,
}: LearningRunOptions): MakeRun {
  const examples = examplesOf(FEATURES[kind], hasHooks);
  const take = (indices: Iterable<number>): ClassBatch => ({
    inputs: Float32Array.from([...indices].flatMap((index) => [...(examples[index] ?? [])])),
    labels: Uint8Array.from(indices, (index) => index % 3),
  });
  const create = () => {
    const model = modelOf(kind);
    const part = optimizerPart(optimizer(), { model });
    return { model: modelPart(model), optimizer: part, accumulator: gradientAccumulator(part, { batches: 2 }) };
  };
  type State = ReturnType<typeof create>;
  const scaffold = {
    create,
    dispose(state: State) {
      state.accumulator.dispose();
      state.optimizer.dispose();
      state.model.dispose();
    },
  };
  const batches = shuffledBatches({ size: EXAMPLES, batchSize: 4, seed: 11, take });
  const heldOut = take([0, 1, 2, 3, 4]);
  const measure = ({ model }: State) =>
    tidy(() => {
      const inputs = tensor(
        heldOut.inputs as Float32Array,
        [5, ...(model.model.inputs[0]?.shape ?? []).slice(1)] as number[],
      );
      const logits = model.model.predict(inputs);
      if (!(logits instanceof Tensor)) throw new Error('expected one output');
      return { loss: mean(square(logits)).dataSync()[0] ?? Number.NaN };
    });

  return (store) => {
    const restore = latestFrom(store, { logger: silentLogger });
    const saver = storeSaver(store, { format, retention: keepLatest(2) });
    const trigger = everySteps(saveSteps);
    const save = isAsync
      ? asyncCheckpointSaver(saver, { trigger, overlap: 'wait' })
      : checkpointSaver(saver, { trigger });
    if (!hasHooks) {
      const step = trainStep<State, ClassBatch, ReturnType<typeof classify>>({ forward: classify });
      return trainingSession({ scaffold, input: batches, step, restore, logger: silentLogger }).pipe(save);
    }
    const rollback = rollbackOnSpike('loss', { sigmas: 3, warmUpValues: 2, windowValues: 5, maxRollbacks: 50 });
    const average = exponentialMovingAverage<State>({
      of: (state) => averagedVariables(state.optimizer.trained),
      decay: 0.8,
      warmUp: true,
    });
    return trainingSession({
      scaffold,
      input: rollback.input(batches),
      step: accumulatingStep<State, ClassBatch, ReturnType<typeof classify>>({ forward: classify }),
      restore,
      recover: rollback.recover({ initialDelaySeconds: 0 }),
      logger: silentLogger,
    }).pipe(
      rollback.hook,
      evaluate<State>({ run: average.during(measure), on: everySteps(2), atEnd: false }),
      earlyStopping('validation/loss', { mode: 'min', patience: 1000, restoreBest: true }),
      learningRateSchedule<State, 'loss'>(
        (state, rate) => {
          state.optimizer.learningRate = rate;
        },
        plateauRate('loss', { rate: warmUpRate({ steps: 6, to: 0.05 }), mode: 'min', factor: 0.7, patience: 1 }),
        { publish: everySteps(1) },
      ),
      average,
      statefulHook<{ readonly losses: number; readonly least: Float32Array }, MetricsEvent, { readonly loss: number }>(
        'tally',
        {
          initial: () => ({ losses: 0, least: Float32Array.of(Number.POSITIVE_INFINITY) }),
          step: ({ losses, least }, { outputs, globalStep }, output) => {
            least[0] = Math.min(least[0] ?? 0, outputs.loss);
            output.emit(new MetricsEvent('tally', globalStep, new Map([['least', least[0]]])));
            return { losses: losses + outputs.loss, least };
          },
        },
      ),
      save,
    );
  };
}
