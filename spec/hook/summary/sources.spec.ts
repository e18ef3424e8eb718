import { timer, VirtualTimeScheduler } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeHparams } from '../../../lib/format/event/hparams/decode-hparams.js';
import type { SummaryValue } from '../../../lib/format/event/summary-value.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { gradientHistograms } from '../../../lib/hook/summary/gradient-histograms.js';
import { hparams } from '../../../lib/hook/summary/hparams.js';
import { summarySaver } from '../../../lib/hook/summary/summary-saver.js';
import { trainingHealth } from '../../../lib/hook/summary/training-health.js';
import { weightHistograms } from '../../../lib/hook/summary/weight-histograms.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { memorySummaries } from '../../../lib/summary/memory-summaries.js';
import { plainSummary } from '../../../lib/summary/text/plain-summary.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import { type FakeState, fakeState } from '../../../lib/testing/fake-state.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

const test = suite('sources of summaries');
const trigger = everySteps(2);

test(
  'trainingHealth draws rates, learning rate, memory, saves and what drawing costs',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    const health = trainingHealth<FakeState>({
      learningRate: ({ model }) => 1 / model.steps,
      memory: () => ({ rss: 7, name: 'left out' }),
    });
    scriptedSession('-----1-----2-----3-----4-|')
      .pipe(
        checkpointSaver(fakeSaver({ latencyMs: 4, failure: (nth) => (nth === 3 ? new Error('full') : undefined) }), {
          trigger,
          onFailure: 'continue',
        }),
        summarySaver(sink, { trigger, values: health }),
      )
      .subscribe();
    flush();
    const drawn = (tag: string) =>
      sink.scalars.get(`health/${tag}`)?.map(({ globalStep, value }) => [globalStep, value]);
    assert.equal(drawn('learning_rate'), [
      [2, 1 / 2],
      [4, 1 / 4],
    ]);
    assert.equal(drawn('memory/rss'), [
      [2, 7],
      [4, 7],
    ]);
    assert.not.ok(sink.scalars.has('health/memory/name'));
    // Two steps of 6 ms each, and a save of 4 ms.
    assert.equal(drawn('steps_per_second'), [[4, 2 / 0.016]]);
    assert.equal(drawn('summary_seconds'), [[4, 0]]);
    assert.equal(drawn('save_seconds'), [
      [0, 0.004],
      [2, 0.004],
      [4, 0.004],
    ]);
    assert.equal(drawn('save_stall_seconds'), drawn('save_seconds'));
    assert.equal(drawn('failed_saves'), [[4, 1]]);
  }),
);

test('trainingHealth draws for how long each hook holds the loop', async () => {
  const sink = memorySummaries();
  const scheduler = new VirtualTimeScheduler();
  const slow = (name: string, isSlow: (step: number) => boolean, milliseconds: number) =>
    hook(name, () => ({
      step: (event) => isSlow(event.globalStep) && event.waitUntil(timer(milliseconds, scheduler)),
    }));
  trainingSession({
    scaffold: { create: () => fakeState() },
    input: [1, 2, 3, 4, 5, 6],
    step: () => {},
    logger: silentLogger,
    scheduler,
  })
    .pipe(
      slow('often', () => true, 30),
      slow('once', (step) => step === 3, 500),
      summarySaver(sink, { trigger, values: trainingHealth({ prefix: 'h' }) }),
    )
    .subscribe();
  scheduler.flush();
  const drawn = (name: string) =>
    sink.scalars.get(`h/hold_seconds/${name}`)?.map(({ globalStep, value }) => [globalStep, value]);
  // The hold of a step is over after it was drawn.
  assert.equal(drawn('often'), [
    [2, 0.03],
    [4, 0.06],
    [6, 0.06],
  ]);
  assert.equal(drawn('once'), [
    [4, 0.5],
    [6, 0],
  ]);
});

test(
  'weightHistograms draws the tensors of a part as they are after the step',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    scriptedSession('-1-2-|')
      .pipe(
        summarySaver(sink, {
          trigger,
          values: weightHistograms({ bucketCount: 2, include: (name) => name === 'weights' }),
        }),
      )
      .subscribe();
    flush();
    assert.equal([...sink.values.keys()], ['weights/weights']);
    // After two steps: 0.25, 0.5, 0.75, 1.
    assert.equal(plainSummary(sink.values.get('weights/weights')?.[0]?.value as SummaryValue), {
      kind: 'histogram',
      buckets: [
        [0.25, 0.625, 2],
        [0.625, 1, 2],
      ],
    });
  }),
);

test(
  'weightHistograms refuses a part that is not there, gradientHistograms what is no tensors',
  marbles(({ flush }) => {
    const errors: string[] = [];
    const fail = (values: ReturnType<typeof weightHistograms>) =>
      scriptedSession('-1-2-|')
        .pipe(
          hook('wrong', () => ({ begin: (event) => event.addFetch('grads', () => 5) })),
          summarySaver(memorySummaries(), { trigger, values }),
        )
        .subscribe({ error: (error) => errors.push(String(error.cause?.message)) });
    fail(weightHistograms({ part: 'none' }));
    fail(weightHistograms({ part: 'constructor' }));
    fail(gradientHistograms({ fetch: 'grads', isRegistered: true }));
    flush();
    assert.match(errors[0] ?? '', /^weightHistograms\(part\): the state has no part "none"/);
    assert.match(errors[1] ?? '', /the state has no part "constructor"/);
    assert.match(errors[2] ?? '', /^gradientHistograms\(fetch\): expected tensors by name/);
    assert.throws(() => weightHistograms({ include: 'all' as never }), /^weightHistograms\(include\)/);
    assert.throws(() => trainingHealth({ memory: 5 as never }), /^trainingHealth\(memory\)/);
  }),
);

test(
  'gradientHistograms draws tensors that a fetch gives, and registers it',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    const gradients = new Map([['w', makeTensor('float32', [3], Float32Array.of(1, Number.NaN, 2))]]);
    scriptedSession('-1-2-|')
      .pipe(
        hook('give', () => ({ begin: (event) => event.addFetch('g', () => gradients) })),
        summarySaver(sink, { trigger, values: gradientHistograms({ fetch: 'g', isRegistered: true, bucketCount: 1 }) }),
      )
      .subscribe();
    flush();
    assert.equal(plainSummary(sink.values.get('gradients/w')?.[0]?.value as SummaryValue), {
      kind: 'histogram',
      buckets: [[1, 2, 2]],
    });
  }),
);

test(
  'hparams draws what is tried at the start, and how it went at the end',
  marbles(({ flush }) => {
    const source = hparams(
      { rate: 0.1, model: 'mlp', big: true },
      {
        groupName: 'g',
        wallClock: () => 5000,
        experiment: { hparams: [{ name: 'rate', type: 'float64' }], metrics: [{ tag: 'loss' }] },
      },
    );
    const [good, bad] = [memorySummaries(), memorySummaries()];
    scriptedSession('-1-2-|')
      .pipe(summarySaver(good, { trigger, values: source }))
      .subscribe();
    scriptedSession('-1-#')
      .pipe(summarySaver(bad, { trigger, values: source }))
      .subscribe({ error: () => {} });
    flush();
    const told = (sink: typeof good, tag: string) => {
      const value = sink.values.get(`_hparams_/${tag}`)?.[0]?.value;
      return value?.metadata === undefined ? undefined : decodeHparams(value.metadata.content);
    };
    assert.equal(told(good, 'session_start_info'), {
      type: 'sessionStart',
      hparams: new Map<string, unknown>([
        ['rate', 0.1],
        ['model', 'mlp'],
        ['big', true],
      ]),
      groupName: 'g',
      startTime: 5,
    });
    assert.is(told(good, 'experiment')?.type, 'experiment');
    assert.equal(told(good, 'session_end_info'), { type: 'sessionEnd', status: 'success', endTime: 5 });
    assert.equal(told(bad, 'session_end_info'), { type: 'sessionEnd', status: 'failure', endTime: 5 });
    assert.throws(() => hparams({ '': 1 }), /^hparamsValue\(hparams\)/);
    assert.throws(() => hparams({ a: {} as never }), TypeError);
  }),
);

test.run();
