import { of, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StateMismatchError } from '../../lib/error/state-mismatch-error.js';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import type { BeginEvent, SessionCreatedEvent, SessionEvent } from '../../lib/session/event.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import type { Json } from '../../lib/tensor/json.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import { keptLog, play } from './play.js';

const test = suite('restoring and capturing');

/** A part that is one number in a tensor and one in JSON; its work takes time if it is told so. */
class Counter {
  value = 0;
  restored = 0;

  constructor(readonly isSlow = false) {}

  capture(): PartState | ReturnType<typeof this.later> {
    const state = { tensors: new Map([['value', int64Scalar(this.value)]]), json: { value: this.value } };
    return this.isSlow ? this.later(state) : state;
  }

  later(state: PartState) {
    return timer(5).pipe(map(() => state));
  }

  restore(state: PartState) {
    this.restored++;
    this.value = (state.json as { value: number }).value;
    return this.isSlow ? timer(5) : undefined;
  }
}

const tracked = (restored: unknown[]) => ({
  capture: (): PartState => ({ tensors: new Map([['best', int64Scalar(7)]]), json: { best: 7 } }),
  restore: (state: PartState | undefined): void => void restored.push(state?.json),
});

/** Takes a snapshot at the step `at`. */
function snapshotAt(at: number, isSlow = false): StateSnapshot {
  let snapshot: StateSnapshot | undefined;
  const model = new Counter(isSlow);
  play(
    { scaffold: { create: () => ({ model }) }, step: () => void (model.value += 10), input: [1, 2, 3, 4] },
    undefined,
    (event) => {
      if (event.type === 'begin') (event as BeginEvent).track('early', tracked([]));
      if (event.type === 'step' && (event as { globalStep?: number }).globalStep === at) {
        (event as SessionEvent).waitUntil((event as SessionEvent).captureState().pipe(map((s) => void (snapshot = s))));
      }
    },
  );
  return snapshot as StateSnapshot;
}

function from(snapshot: StateSnapshot, onClose: () => void = () => {}): RestoreSource {
  return {
    load: () =>
      of({
        from: { prefix: `ckpt-${snapshot.globalStep}`, globalStep: snapshot.globalStep, skipped: [] },
        snapshot,
        close: onClose,
      }),
  };
}

for (const isSlow of [false, true]) {
  test(`names what a snapshot holds by part, hook and input${isSlow ? ', read asynchronously' : ''}`, () => {
    const { globalStep, tensors, json } = snapshotAt(2, isSlow);
    assert.is(globalStep, 2);
    assert.equal([...tensors.keys()], ['global_step', 'model/value', 'hook/early/best']);
    assert.equal(json, { parts: { model: { value: 20 }, input: { position: 2 }, 'hook/early': { best: 7 } } });
  });

  test(`goes on where the snapshot was taken${isSlow ? ', asynchronously' : ''}`, () => {
    const snapshot = snapshotAt(2, isSlow);
    const batches: unknown[] = [];
    const restored: unknown[] = [];
    const order: string[] = [];
    const model = new Counter(isSlow);
    const { log, events } = play(
      {
        scaffold: { create: () => ({ model }) },
        restore: from(snapshot, () => order.push('closed')),
        input: ['a', 'b', 'c', 'd'],
        step: ({ batch }) => void batches.push(batch),
      },
      undefined,
      (event) => {
        if (event.type === 'begin') (event as BeginEvent).track('early', tracked(restored));
        if (event.type === 'sessionCreated') order.push(`created with ${model.value}, ${JSON.stringify(restored)}`);
      },
    );
    assert.equal(log, ['begin', 'created#1@2', 'before@2', 'step@3', 'before@3', 'step@4', 'end', '|']);
    assert.equal(batches, ['c', 'd']);
    assert.equal(order, ['closed', 'created with 20, [{"best":7}]']);
    assert.is((events[1] as SessionCreatedEvent).restored?.prefix, 'ckpt-2');
  });
}

test('lists every difference, and changes nothing', () => {
  const good = snapshotAt(2);
  const json: Json = { parts: { model: { value: 20 }, input: { place: 'elsewhere' }, gone: { x: 1 } } };
  const tensors = new Map(good.tensors);
  tensors.set('model/value', { ...int64Scalar(1), shape: [1] });
  tensors.set('model/extra', int64Scalar(1));
  tensors.set('optimizer/m', int64Scalar(1));
  const model = new Counter();
  const fresh = new Counter();
  const restored: unknown[] = [];
  const { error } = play(
    { scaffold: { create: () => ({ model, fresh }) }, restore: from({ globalStep: 2, tensors, json }) },
    undefined,
    (event) => {
      if (event.type === 'begin') (event as BeginEvent).track('early', tracked(restored));
    },
  );
  assert.ok(error instanceof StateMismatchError);
  assert.equal([...(error as StateMismatchError).differences].sort(), [
    'fresh/value is not in the checkpoint',
    'gone is in the checkpoint, but not in this state',
    'input/position is missing: this checkpoint was written with another input',
    'model/extra is in the checkpoint, but not in this state',
    'model/value is int64[1] in the checkpoint, int64[] in this state',
    'optimizer is in the checkpoint, but not in this state',
  ]);
  assert.equal([model.restored, fresh.restored, restored.length], [0, 0, 0]);
});

test('warns of the state of a hook that is not there, and of checkpoints that were passed over', () => {
  const logger = keptLog();
  const snapshot = snapshotAt(2);
  const skipped = [{ prefix: 'ckpt-3', error: new Error('checksum') }];
  const { log } = play({
    logger,
    scaffold: { create: () => ({ model: new Counter() }) },
    restore: { load: () => of({ from: { prefix: 'ckpt-2', globalStep: 2, skipped }, snapshot }) },
  });
  assert.is(log[1], 'created#1@2');
  assert.equal(logger.lines, [
    'warn: passed over checkpoint ckpt-3, which is not valid',
    'warn: checkpoint ckpt-2 holds the state of a hook that is not there: early',
  ]);
});

test('takes tracked hooks back to the start when a recovery finds no checkpoint', () => {
  const restored: unknown[] = [];
  let tries = 0;
  play(
    {
      recover: { jitter: 0 },
      step: () => {
        if (tries++ === 0) throw new UnavailableError('x');
      },
    },
    undefined,
    (event) => {
      if (event.type === 'begin') (event as BeginEvent).track('early', tracked(restored));
    },
  );
  assert.equal(restored, [undefined, undefined]);
});

test('looks for a checkpoint anew at each recovery', () => {
  const snapshots = [snapshotAt(1), snapshotAt(3)];
  let tries = 0;
  const { log } = play({
    recover: { jitter: 0 },
    scaffold: { create: () => ({ model: new Counter() }) },
    restore: { load: () => from(snapshots[Math.min(tries, 1)] as StateSnapshot).load() },
    input: [1, 2, 3, 4],
    step: () => {
      if (tries++ === 0) throw new UnavailableError('x');
    },
  });
  assert.equal(log, ['begin', 'created#1@1', 'before@1', 'created#2@3', 'before@3', 'step@4', 'end', '|']);
});

test('says where an input ended that is shorter than the checkpoint', () => {
  const { error } = play({
    scaffold: { create: () => ({ model: new Counter() }) },
    restore: from(snapshotAt(3)),
    input: [1],
  });
  assert.match((error as Error).message, /input ended after 1 batches, the checkpoint is at 3/);
});

test('refuses states whose names or parts are none, and disposes of them', () => {
  for (const [state, text] of [
    [{ 'a/b': new Counter() }, /received "a\/b"/],
    [{ input: new Counter() }, /received "input"/],
    [{ global_step: new Counter() }, /received "global_step"/],
    [{ '': new Counter() }, /received ""/],
    [{ model: {} }, /expected part "model" to have capture\(\) and restore\(\)/],
  ] as const) {
    let disposed = 0;
    const { error } = play({ scaffold: { create: () => state as never, dispose: () => void disposed++ } });
    assert.match((error as Error).message, text);
    assert.is(disposed, 1);
  }
});

test('has a state only from sessionCreated to the end', () => {
  let begin: SessionEvent | undefined;
  const errors: string[] = [];
  const capture = (): void => {
    begin?.captureState().subscribe({ error: (error: Error) => errors.push(error.message) });
  };
  play({}, undefined, (event) => {
    begin ??= event as SessionEvent;
    if (event.type !== 'step') capture();
  });
  capture();
  assert.equal(errors.length, 2);
  assert.match(errors[0] as string, /only from sessionCreated/);
});

test('refuses keys of hooks that are taken or hold a slash', () => {
  const twice = play({}, undefined, (event) => {
    if (event.type !== 'begin') return;
    const begin = event as BeginEvent;
    begin.track('k', tracked([]));
    assert.throws(() => begin.track('k', tracked([])), /two hooks have the key "k"/);
    assert.throws(() => begin.track('a/b', tracked([])), /expected a key without "\/"/);
    assert.throws(() => begin.track('', tracked([])), /expected a key/);
  });
  assert.is(twice.log.at(-1), '|');
});

test.run();
