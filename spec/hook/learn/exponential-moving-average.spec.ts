import { delay, lastValueFrom, of, tap } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../../lib/checkpoint/read-checkpoint.js';
import { keepAll } from '../../../lib/checkpoint/retention/keep-all.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { evaluate } from '../../../lib/hook/learn/evaluate.js';
import {
  exponentialMovingAverage,
  type MovingAverageOptions,
} from '../../../lib/hook/learn/exponential-moving-average.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { silentLogger } from '../../../lib/log/logger.js';
import type { Checkpointable } from '../../../lib/session/checkpointable.js';
import type { RestoreSource } from '../../../lib/session/restore-source.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { PartState } from '../../../lib/tensor/part-state.js';
import { tensorValues } from '../../../lib/tensor/tensor-values.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { cutEverywhere } from '../state/cut-everywhere.js';

const test = suite('exponentialMovingAverage');

class Weights implements Checkpointable {
  readonly values = Float32Array.of(1, -3);

  capture(): PartState {
    return { tensors: new Map([['w', makeTensor('float32', [2], this.values)]]) };
  }

  restore({ tensors }: PartState): void {
    const saved = tensors.get('w');
    if (saved?.dtype === 'float32') this.values.set(tensorValues(saved as never) as Float32Array);
  }
}
interface State {
  readonly model: Weights;
  readonly [part: string]: Checkpointable;
}

const of$ = ({ model }: State) => ({
  read: () => new Map([['w', model.values]]),
  write: (values: ReadonlyMap<string, Float32Array>) => model.values.set(values.get('w') ?? []),
});
const average = (options: Partial<MovingAverageOptions<State>> = {}) =>
  exponentialMovingAverage<State>({ of: of$, decay: 0.9, ...options });

const session = (steps: number, restore?: RestoreSource) =>
  trainingSession<State, number, { loss: number }>({
    scaffold: { create: () => ({ model: new Weights() }) },
    input: Array.from({ length: steps }, (_, i) => i),
    step: ({ state: { model }, batch }) => {
      for (let i = 0; i < 2; i++) model.values[i] = (model.values[i] ?? 0) * 0.7 + Math.sin(batch + i);
      return { loss: model.values[0] ?? 0 };
    },
    restore,
    logger: silentLogger,
  });

hookLaws({
  test,
  factory: () => exponentialMovingAverage({ of: () => ({ read: () => new Map(), write() {} }), decay: 0.5 }) as never,
});

test('averages in float32, from the values at the start', async () => {
  for (const warmUp of [false, true]) {
    const expected = Float32Array.of(1, -3);
    let updates = 0;
    const ema = average({ warmUp });
    let seen: Float32Array | undefined;
    await lastValueFrom(
      session(5).pipe(
        ema,
        tap((event) => {
          if (event.type === 'step') {
            const decay = warmUp ? Math.min(0.9, (1 + updates) / (10 + updates)) : 0.9;
            const { values } = event.state.model;
            for (let i = 0; i < 2; i++) expected[i] = decay * (expected[i] ?? 0) + (1 - decay) * (values[i] ?? 0);
            updates++;
            seen = ema.during(({ model }) => model.values.slice())(event.state) as Float32Array;
            assert.equal(seen, expected);
            assert.not.equal(values, expected, 'the values are back');
          }
        }),
      ),
    );
    assert.is(updates, 5);
    assert.ok(seen);
  }
});

for (const save of ['values', 'averages'] as const) {
  test(`a run that is cut anywhere goes on bit for bit, with ${save} in checkpoints`, () =>
    cutEverywhere((restore) =>
      session(7, restore).pipe((events) => events.pipe(average({ save, warmUp: true }) as never)),
    ));

  test(`checkpoints hold ${save}, and a resumed run has the values`, async () => {
    const store = memoryStore();
    const ema = average({ save });
    let values = new Float32Array();
    let averages = new Float32Array();
    const look = tap((event: { type: string; state?: unknown }) => {
      if (event.type !== 'step') return;
      const state = event.state as State;
      values = state.model.values.slice();
      averages = ema.during(({ model }) => model.values.slice())(state) as Float32Array<ArrayBuffer>;
    });
    const run = (steps: number, restore?: RestoreSource) =>
      session(steps, restore).pipe(checkpointSaver(storeSaver(store), { trigger: everySteps(2) }), ema, look);
    await lastValueFrom(run(5));
    const checkpoint = await lastValueFrom(readCheckpoint(store, 'model.ckpt-5'));
    const tensor = (name: string) => tensorValues(checkpoint.snapshot().tensors.get(name) as never);
    assert.equal(tensor('model/w'), save === 'values' ? values : averages);
    assert.equal(tensor('hook/movingAverage/averages/w'), averages);
    if (save === 'averages') assert.equal(tensor('hook/movingAverage/values/w'), values);
    checkpoint.close();
    assert.not.equal(values, averages);

    let resumed: Float32Array | undefined;
    await lastValueFrom(
      run(6, latestFrom(store)).pipe(
        tap((event) => event.type === 'sessionCreated' && (resumed = (event.state as State).model.values.slice())),
      ),
    );
    let whole: Float32Array | undefined;
    await lastValueFrom(
      session(6).pipe(tap((event) => event.type === 'step' && (whole = event.state.model.values.slice()))),
    );
    assert.equal(resumed, new Float32Array(resumed ?? []));
    assert.equal(values, whole);
  });
}

for (const overlap of ['latest', 'skip', 'wait'] as const) {
  test(`saves in the background hold the averages of their step, and training has the values (${overlap})`, async () => {
    const store = memoryStore();
    const ema = average({ save: 'averages' });
    const expected = new Map<number, readonly [Float32Array, Float32Array]>();
    const trained: Float32Array[] = [];
    const saved: number[] = [];
    await lastValueFrom(
      session(9).pipe(
        asyncCheckpointSaver(storeSaver(store, { retention: keepAll() }), {
          trigger: everySteps(1),
          overlap,
          background: 'inProcess',
        }),
        ema,
        tap((event) => {
          if (event.type === 'afterSave') saved.push(event.globalStep);
          if (event.type !== 'step') return;
          const values = event.state.model.values.slice();
          const averages = ema.during(({ model }) => model.values.slice())(event.state) as Float32Array;
          trained.push(values);
          expected.set(event.globalStep, [values, averages]);
        }),
      ),
    );
    const alone: Float32Array[] = [];
    await lastValueFrom(
      session(9).pipe(tap((event) => event.type === 'step' && alone.push(event.state.model.values.slice()))),
    );
    assert.equal(trained, alone);
    assert.is(saved.at(-1), 9);
    if (overlap === 'wait') assert.equal(saved, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const step of saved.filter((n) => n > 0)) {
      const checkpoint = await lastValueFrom(readCheckpoint(store, `model.ckpt-${step}`));
      const tensor = (name: string) => tensorValues(checkpoint.snapshot().tensors.get(name) as never);
      const [values, averages] = expected.get(step) ?? [];
      // An average of step n is entered before the tap sees step n, and so is the save.
      assert.equal(tensor('hook/movingAverage/values/w'), values, `values of ${step}`);
      assert.equal(tensor('model/w'), averages, `averages of ${step}`);
      checkpoint.close();
    }
  });
}

test('evaluates with the averages, at once or later, and puts the values back', async () => {
  const ema = average();
  const trained: number[] = [];
  const measured: number[] = [];
  await lastValueFrom(
    session(4).pipe(
      ema,
      evaluate<State>({
        on: everySteps(2),
        run: ema.during(({ model }: State) => of({ first: model.values[0] ?? 0 }).pipe(delay(1))),
      }),
      tap((event) => {
        if (event.type === 'step') trained.push(event.outputs.loss);
        if (event instanceof MetricsEvent) measured.push(event.metrics.get('first') ?? 0);
      }),
    ),
  );
  const plain: number[] = [];
  await lastValueFrom(session(4).pipe(tap((event) => event.type === 'step' && plain.push(event.outputs.loss))));
  assert.equal(trained, plain);
  assert.is(measured.length, 2);
  assert.not.equal(measured, [trained[1], trained[3]]);
});

test('puts the values back when what ran with the averages failed', async () => {
  const ema = average();
  await lastValueFrom(
    session(1).pipe(
      ema,
      tap((event) => {
        if (event.type !== 'step') return;
        const before = event.state.model.values.slice();
        const fail = ema.during(() => {
          throw new Error('no data');
        });
        assert.throws(() => fail(event.state), /no data/);
        assert.equal(event.state.model.values, before);
      }),
    ),
  );
});

test('wrong arguments are told at once', () => {
  assert.throws(
    () => average({ decay: 1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => average({ decay: Number.NaN }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => average({ of: 3 as never }),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(
    () => average({ save: 'both' as never }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(() => average().during(() => 1)({ model: new Weights() }), /not in the run of this state/);
});

test.run();
