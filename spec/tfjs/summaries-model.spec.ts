import '@tensorflow/tfjs-backend-cpu';
import { mean, memory, type Scalar, setBackend, square, type Tensor, tensor2d, train } from '@tensorflow/tfjs-core';
import { model as functionalModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeGraphNodes } from '../../lib/format/event/graph/graph-def.js';
import type { SummaryValue } from '../../lib/format/event/summary-value.js';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { memorySummaries } from '../../lib/summary/memory-summaries.js';
import { plainSummary } from '../../lib/summary/text/plain-summary.js';
import { collect } from '../../lib/testing/collect.js';
import { modelPart } from '../../lib/tfjs/model-part.js';
import { optimizerPart } from '../../lib/tfjs/optimizer-part.js';
import { layerNodes, modelGraph } from '../../lib/tfjs/summaries-graph.js';
import { modelHistograms } from '../../lib/tfjs/summaries-model.js';
import { trainStep } from '../../lib/tfjs/train-step.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('summaries of a model');

test.before(async () => {
  await setBackend('cpu');
});

function makeModel() {
  return sequential({
    layers: [layers.dense({ units: 3, inputShape: [2], activation: 'relu' }), layers.dense({ units: 1 })],
  });
}

test('draws weights, gradients and the graph of a model that is trained, and leaves no tensor behind', async () => {
  const sink = memorySummaries();
  const requested: number[] = [];
  const before = memory().numTensors;
  const step = trainStep({
    forward: ({ model }: { model: ReturnType<typeof modelPart> }, _batch: number) => {
      const input = tensor2d([
        [1, 2],
        [3, 4],
      ]);
      return { loss: mean(square(model.model.predict(input) as Tensor)) as Scalar };
    },
  });
  const run = trainingSession({
    scaffold: {
      create() {
        const model = makeModel();
        return { model: modelPart(model), optimizer: optimizerPart(train.sgd(0.01), { model }) };
      },
      dispose: ({ model, optimizer }) => {
        optimizer.dispose();
        model.dispose();
      },
    },
    input: [1, 2, 3, 4, 5],
    step: (context) => {
      if (context.requested.has('gradients')) requested.push(context.globalStep + 1);
      return step(context);
    },
    logger: silentLogger,
  }).pipe(
    summarySaver(sink, {
      trigger: everySteps(2),
      values: [
        ...modelHistograms({ bucketCount: 4 }),
        modelGraph(({ model }: { model: ReturnType<typeof modelPart> }) => model.model),
      ],
    }),
  );
  await collect(run);

  assert.equal(requested, [2, 4]);
  const names = ['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias'];
  const tags = ['weights', 'gradients'].flatMap((kind) => names.map((name) => `${kind}/${name}`));
  assert.equal([...sink.values.keys()].sort(), [...tags, 'keras'].sort());
  const sizes = { 'dense/kernel': 6, 'dense/bias': 3, 'dense_1/kernel': 3, 'dense_1/bias': 1 };
  for (const [name, size] of Object.entries(sizes)) {
    for (const kind of ['weights', 'gradients']) {
      const points = sink.values.get(`${kind}/${name}`) ?? [];
      assert.equal(
        points.map(({ globalStep }) => globalStep),
        [2, 4],
      );
      for (const { value } of points) {
        const plain = plainSummary(value as SummaryValue);
        const counts = plain.kind === 'histogram' ? plain.buckets.map(([, , count = 0]) => count) : [];
        assert.is(
          counts.reduce((sum, count) => sum + count, 0),
          size,
          `${kind}/${name}`,
        );
      }
    }
  }
  assert.equal(
    decodeGraphNodes(sink.graphDef ?? new Uint8Array()).map(({ name, op, inputs }) => [name, op, inputs]),
    [
      ['dense', 'Dense', []],
      ['dense_1', 'Dense', ['dense']],
    ],
  );
  assert.is(memory().numTensors, before);
});

test('draws branches, and models within the model', () => {
  const inner = sequential({ name: 'inner', layers: [layers.dense({ units: 4, inputShape: [2], name: 'a' })] });
  const input = layers.input({ shape: [2], name: 'in' } as never) as unknown as Parameters<typeof inner.apply>[0];
  const left = inner.apply(input);
  const right = layers.dense({ units: 4, name: 'right' }).apply(input);
  const sum = layers.add({ name: 'sum' }).apply([left, right] as never);
  const whole = functionalModel({ inputs: input as never, outputs: sum as never });
  const nodes = layerNodes(whole);
  const inputsOf = (name: string) => nodes.find((node) => node.name === name)?.inputs;
  assert.equal(inputsOf('inner/a'), ['in']);
  assert.equal(inputsOf('right'), ['in']);
  assert.equal([...(inputsOf('sum') ?? [])].sort(), ['inner/a', 'right']);
  assert.equal(nodes.find(({ name }) => name === 'right')?.outputShapes, [[-1, 4]]);
  assert.equal(nodes.find(({ name }) => name === 'right')?.attributes, { parameters: 12, trainable: true });
  whole.dispose();
  assert.throws(() => modelGraph(whole as never), /^modelGraph\(modelOf\)/);
});

test.run();
