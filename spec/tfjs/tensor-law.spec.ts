// A run holds as many tensors after 1000 steps as after 10, whatever hooks act on it.

import '@tensorflow/tfjs-backend-cpu';
import { env, memory, setBackend, train } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { lastValueFrom, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  asyncCheckpointSaver,
  checkpointSaver,
  everySteps,
  memoryStore,
  memorySummaries,
  nanGuard,
  shuffledBatches,
  silentLogger,
  stepCounter,
  stepLogger,
  stepOutputs,
  stopAtStep,
  storeSaver,
  summarySaver,
  trainingHealth,
  trainingSession,
} from '../../lib/index.js';
import { classify, modelGraph, modelHistograms, modelPart, optimizerPart, trainStep } from '../../lib/tfjs/index.js';

env().set('PROD', true);

const test = suite('tensors of a run with its hooks');

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

function createState() {
  const model = sequential({ layers: [layers.dense({ units: 3, inputShape: [4] }), layers.dense({ units: 2 })] });
  return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.01), { model }) };
}
type State = ReturnType<typeof createState>;

test('holds as many after 1000 steps as after 10, and none at the end', async () => {
  const before = memory().numTensors;
  const held = new Map<number, number>();
  const seen = new Map<string, number>();
  await lastValueFrom(
    trainingSession({
      scaffold: {
        create: createState,
        dispose: ({ model, optimizer }) => {
          optimizer.dispose();
          model.dispose();
        },
      },
      input: shuffledBatches({
        size: 32,
        batchSize: 4,
        seed: 1,
        take: (indices) => ({
          inputs: Float32Array.from({ length: 4 * indices.length }, (_, i) => (i % 7) - 3),
          labels: Uint8Array.from(indices, (index) => index % 2),
        }),
      }),
      step: trainStep({ forward: classify }),
      logger: silentLogger,
    })
      .pipe(
        nanGuard('loss'),
        stopAtStep({ lastStep: 1010 }),
        stepCounter({ trigger: everySteps(5) }),
        stepLogger(['loss'], { trigger: everySteps(5) }),
        summarySaver(memorySummaries(), {
          trigger: everySteps(5),
          values: [
            stepOutputs(),
            trainingHealth<State>({ learningRate: ({ optimizer }) => optimizer.learningRate }),
            ...modelHistograms(),
            modelGraph<State>(({ model }) => model.model),
          ],
        }),
        asyncCheckpointSaver(storeSaver(memoryStore()), { trigger: everySteps(5), background: 'inProcess' }),
        checkpointSaver(storeSaver(memoryStore()), { trigger: everySteps(7) }),
      )
      .pipe(
        tap((event) => {
          seen.set(event.type, (seen.get(event.type) ?? 0) + 1);
          if (event.type === 'beforeStep') held.set(event.globalStep, memory().numTensors);
        }),
      ),
  );
  for (const type of ['afterSave', 'snapshotTaken'])
    assert.ok((seen.get(type) ?? 0) > 100, `${type}: ${seen.get(type)}`);
  assert.ok((held.get(10) ?? 0) > before, 'the run holds its state');
  assert.is(held.get(1000), held.get(10));
  assert.is(memory().numTensors, before);
});

test.run();
