import * as cpu from '@tensorflow/tfjs-backend-cpu';
import { env, type Optimizer, setBackend, train } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { RunNotRepeatableError } from '../../lib/error/run-not-repeatable-error.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { random } from '../../lib/session/random.js';
import { shuffledBatches } from '../../lib/session/shuffled-batches.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import { type MakeRun, resumeLaw } from '../../lib/testing/resume-law.js';
import { classify } from '../../lib/tfjs/classify.js';
import { modelPart } from '../../lib/tfjs/model-part.js';
import { optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { seededDropout } from '../../lib/tfjs/seeded-dropout.js';
import { trainStep } from '../../lib/tfjs/train-step.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { temporaryFolder } from '../store/temporary-folder.js';

env().set('PROD', true);
assert.ok(cpu);

const test = suite('resumeLaw');
const STEPS = 9;
const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  adam: () => train.adam(0.01),
  adamax: () => train.adamax(0.01),
  momentum: () => train.momentum(0.05, 0.9),
};
const generator = random(3, 'data');
const EXAMPLES = Array.from({ length: 20 }, () => Float32Array.from({ length: 5 }, () => generator.normal()));

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

/** An MLP with dropout on shuffled batches of five an epoch, saved at every second step. */
function digits(optimizer: () => Optimizer, format: CheckpointFormat, isAsync: boolean): MakeRun {
  return (store) => {
    const saver = storeSaver(store, { format });
    const trigger = everySteps(2);
    return trainingSession({
      scaffold: {
        create() {
          const dropout = random(5, 'dropout');
          const model = sequential({
            layers: [
              layers.dense({
                units: 7,
                activation: 'relu',
                inputShape: [5],
                kernelInitializer: initializers.glorotUniform({ seed: 1 }),
              }),
              seededDropout({ rate: 0.3, random: dropout }),
              layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
            ],
          });
          const part = modelPart(model);
          return { model: part, optimizer: optimizerPart(optimizer(), { model }) };
        },
        dispose(state) {
          state.optimizer.dispose();
          state.model.dispose();
        },
      },
      input: shuffledBatches({
        size: 20,
        batchSize: 4,
        seed: 11,
        epochs: 9,
        take: (indices) => ({
          inputs: Float32Array.from([...indices].flatMap((index) => [...(EXAMPLES[index] ?? [])])),
          labels: Uint8Array.from(indices, (index) => index % 3),
        }),
      }),
      step: trainStep({ forward: classify }),
      restore: latestFrom(store, { logger: silentLogger }),
      logger: silentLogger,
    }).pipe(isAsync ? asyncCheckpointSaver(saver, { trigger }) : checkpointSaver(saver, { trigger }));
  };
}

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  for (const format of [tensorBundle(), safetensors()]) {
    test(`holds for ${name}, saved as ${format.name}`, async () => {
      const { cuts } = await resumeLaw(digits(optimizer, format, false), { steps: STEPS });
      assert.equal(
        cuts,
        [1, 2, 3, 4, 5, 6, 7, 8].map((cut) => ({ cut, resumedFrom: cut - (cut % 2) })),
      );
    });
  }
}

for (const format of [tensorBundle(), safetensors()]) {
  test(`holds for saves in the background, saved as ${format.name}`, async () => {
    const folders: ReturnType<typeof temporaryFolder>[] = [];
    const makeStore = () => {
      const folder = temporaryFolder();
      folders.push(folder);
      return fileStore(folder.path);
    };
    const run = digits(() => train.adam(0.01), format, true);
    const { cuts } = await resumeLaw(run, { steps: STEPS, cuts: 4, makeStore });
    assert.equal(
      cuts.map(({ cut }) => cut),
      [2, 4, 6, 8],
    );
    assert.ok(cuts.every(({ cut, resumedFrom }) => resumedFrom <= cut));
    for (const { dispose } of folders) dispose();
  });
}

/** A run whose only part misses something. */
function broken(what: 'a tensor' | 'a step' | 'the output'): MakeRun {
  return (store) => {
    let hidden = 0;
    return trainingSession({
      scaffold: {
        create: () => {
          const weights = new Float32Array(4);
          return {
            model: {
              weights,
              capture: () => ({ tensors: new Map([['w', makeTensor('float32', [4], weights)]]) }),
              restore: ({ tensors }) => {
                const tensor = tensors.get('w');
                if (tensor === undefined || tensor.dtype === 'string') throw new Error('no tensor');
                weights.set(new Float32Array(tensor.bytes.slice().buffer));
                if (what === 'a tensor') weights[2] = 0;
              },
            } as { weights: Float32Array } & import('../../lib/session/checkpointable.js').Checkpointable,
          };
        },
      },
      step: ({ state }) => {
        hidden++;
        for (let i = 0; i < 4; i++) state.model.weights[i] = (state.model.weights[i] ?? 0) + i + 1;
        if (what === 'a step' && hidden === 5) state.model.weights[0] = -1;
        return { loss: what === 'the output' ? hidden : 1 };
      },
      restore: latestFrom(store, { logger: silentLogger }),
      logger: silentLogger,
    }).pipe(checkpointSaver(storeSaver(store), { trigger: everySteps(2) }));
  };
}

async function violationOf(run: MakeRun): Promise<RunNotRepeatableError> {
  try {
    await resumeLaw(run, { steps: 8 });
  } catch (error) {
    assert.instance(error, RunNotRepeatableError);
    return error as RunNotRepeatableError;
  }
  throw new Error('expected a violation');
}

test('names the tensor, the element and the step that a part does not restore', async () => {
  const error = await violationOf(broken('a tensor'));
  assert.equal([error.cut, error.globalStep, error.what, error.index], [2, 2, 'tensor model/w', 2]);
  assert.match(error.message, 'bytes 00 00 c0 40 in the straight run, 00 00 00 00 in the resumed one');
});

test('names the step at which what no part captures shows in a tensor', async () => {
  const error = await violationOf(broken('a step'));
  assert.equal([error.what, error.index], ['tensor model/w', 0]);
  assert.is(error.globalStep, 5);
});

test('names the output that no part captures', async () => {
  const error = await violationOf(broken('the output'));
  assert.is(error.what, 'output .loss');
});

test('the example of the guide holds', async () => {
  const { report } = await import('../../docs/examples/resume-law.js');
  assert.is(report.cuts.length, 11);
});

test('refuses wrong options', async () => {
  for (const options of [{ steps: 0 }, { steps: 3, cuts: 0 }]) {
    try {
      await resumeLaw(broken('a tensor'), options);
      assert.unreachable('expected a failure');
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
});

test.run();
