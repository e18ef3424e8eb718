// The adapter under the real session: what it says of types and behaviour to one another.

import '@tensorflow/tfjs-backend-cpu';
import { env, memory, setBackend, train } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { lastValueFrom, take, tap, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import { shuffledBatches } from '../../lib/session/shuffled-batches.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { classify, modelPart, optimizerPart, seededDropout, trainStep } from '../../lib/tfjs/index.js';

env().set('PROD', true);

const test = suite('tfjs in a session');

test.before(async () => {
  assert.ok(await setBackend('cpu'));
});

const generator = random(1, 'data');
const inputs = Float32Array.from({ length: 40 * 4 }, () => generator.normal());

function session() {
  return trainingSession({
    scaffold: {
      create() {
        const model = sequential({
          layers: [
            layers.dense({ units: 5, inputShape: [4], kernelInitializer: 'ones' }),
            seededDropout({ rate: 0.2, random: random(1, 'dropout') }),
            layers.dense({ units: 2, kernelInitializer: 'ones' }),
          ],
        });
        return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.1), { model }) };
      },
      dispose({ model, optimizer }) {
        optimizer.dispose();
        model.dispose();
      },
    },
    input: shuffledBatches({
      size: 40,
      batchSize: 16,
      seed: 1,
      epochs: 4,
      take: (indices) => ({
        inputs: Float32Array.from([...indices].flatMap((index) => [...inputs.subarray(4 * index, 4 * index + 4)])),
        labels: Uint8Array.from(indices, (index) => ((inputs[4 * index] ?? 0) > 0 ? 1 : 0)),
      }),
    }),
    step: trainStep({ forward: classify }),
  });
}

test('two runs of one session are alike, and free everything', async () => {
  const before = memory().numTensors;
  const losses = async (): Promise<readonly number[]> => {
    const seen: number[] = [];
    await lastValueFrom(
      session().pipe(tap((event) => event.type === 'step' && seen.push(event.outputs.loss, event.outputs.accuracy))),
    );
    return seen;
  };
  const [first, second] = [await losses(), await losses()];
  assert.is(first.length, 2 * 3 * 4);
  assert.equal(second, first);
  assert.ok((first.at(-2) ?? 1) < (first[0] ?? 0), 'the loss went down');
  assert.is(memory().numTensors, before);
});

test('a cancelled run frees everything too', async () => {
  const before = memory().numTensors;
  const events = await lastValueFrom(session().pipe(take(6), toArray()));
  assert.is(events.length, 6);
  assert.is(memory().numTensors, before);
});

test.run();
