// TensorFlow's test cases for what savers keep and what the `checkpoint` state file says, by their numbers in the
// behavioural specification of its session hooks. Where ours do better on purpose, ours is asserted.

import type { Observable } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCheckpoints, readStateFile } from '../../lib/checkpoint/find-checkpoints.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS } from '../../lib/checkpoint/read-checkpoint.js';
import { keepAll } from '../../lib/checkpoint/retention/keep-all.js';
import { keepAnyOf } from '../../lib/checkpoint/retention/keep-any-of.js';
import { keepEveryHours } from '../../lib/checkpoint/retention/keep-every-hours.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import type { Retention } from '../../lib/checkpoint/retention/retention.js';
import { type StoreSaverOptions, storeSaver } from '../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import type { Trigger } from '../../lib/trigger/trigger.js';
import { left, saved } from '../checkpoint/retention/saved.js';

const test = suite('TensorFlow: saver');
const MARKERS = DEFAULT_FORMATS.map(({ marker }) => marker);

interface TrainOptions extends StoreSaverOptions {
  readonly trigger?: Trigger;
}

/** Trains to this global step in a run of its own, from the newest checkpoint; saves every step if not told otherwise. */
function trainTo(
  { flush }: Pick<MarbleHelpers, 'flush'>,
  store: CheckpointStore,
  globalStep: number,
  { trigger = everySteps(1), ...options }: TrainOptions = {},
): readonly string[] {
  const phases: string[] = [];
  const restore = latestFrom(store, { logger: silentLogger });
  scriptedSession(`(${'1'.repeat(globalStep)}|)`, { restore })
    .pipe(checkpointSaver(storeSaver(store, options), { trigger }))
    .subscribe({
      next: (event) => {
        if (event.type === 'afterSave' && 'globalStep' in event) phases.push(`saved ${event.globalStep}`);
        if (event.type === 'checkpointDeleted' && 'checkpoint' in event)
          phases.push(`deleted ${event.checkpoint.globalStep}`);
      },
      error: (error: unknown) => {
        throw error;
      },
    });
  flush();
  return phases;
}

/** What an observable that is done at once emits. */
function answerOf<T>(answer: Observable<T>): T {
  const values: T[] = [];
  answer.subscribe((value) => values.push(value));
  assert.is(values.length, 1);
  return values[0] as T;
}

const onDisk = (store: CheckpointStore): readonly number[] =>
  answerOf(findCheckpoints(store, DEFAULT_FORMATS)).map(({ globalStep }) => globalStep);

const stateOf = (store: CheckpointStore): string =>
  new TextDecoder().decode(answerOf(store.readState()) ?? new Uint8Array());

const listed = (store: CheckpointStore): readonly string[] => answerOf(readStateFile(store))?.all ?? [];

test(
  'case 97: keeps the newest two, of which the newest is saved once',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 3, { retention: keepLatest(2) });
    assert.equal(onDisk(store), [2, 3]);
    assert.equal(listed(store), ['model.ckpt-2', 'model.ckpt-3']);
    // bettered: TensorFlow saves the restored step again, which makes an old one the newest and deletes another.
    assert.equal(trainTo(helpers, store, 3, { retention: keepLatest(2) }), []);
    assert.equal(onDisk(store), [2, 3]);
  }),
);

test(
  'case 98: deletes nothing where all are kept',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 8, { retention: keepAll() });
    assert.equal(onDisk(store), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    // bettered: TensorFlow forgets all but the newest in the state file.
    assert.is(listed(store).length, 9);
  }),
);

test('case 99: keeps by hours besides the newest two', () => {
  // Built at 0 s, and all four saved at 1 s.
  const each = [1, 2, 3, 4].map((step) => saved(step, { savedAt: 1 }));
  const hours = keepEveryHours(0.7 / 3600, { countFrom: 'start', since: 0 });
  assert.equal(left(keepAnyOf(keepLatest(2), hours), each), [1, 3, 4]);
});

test(
  'case 100: takes a lowered limit at once',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 9, { retention: keepLatest(10) });
    assert.is(onDisk(store).length, 10);
    trainTo(helpers, store, 10, { retention: keepLatest(3) });
    // bettered: TensorFlow deletes one a save, so 10 remain.
    assert.equal(onDisk(store), [8, 9, 10]);
  }),
);

test(
  'case 101: forgets checkpoints whose files are gone',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 3, { retention: keepLatest(5) });
    answerOf(store.remove(['model.ckpt-1', 'model.ckpt-3'], MARKERS));
    assert.equal(onDisk(store), [0, 2]);
    trainTo(helpers, store, 4, { retention: keepLatest(3) });
    assert.equal(onDisk(store), [2, 3, 4]);
    assert.equal(listed(store), ['model.ckpt-2', 'model.ckpt-3', 'model.ckpt-4']);
  }),
);

test(
  'case 102: takes no name that could be that of the state file',
  marbles((helpers) => {
    // bettered: TensorFlow lets it pass where a step is appended.
    assert.throws(
      () => storeSaver(memoryStore(), { basename: 'checkpoint' }),
      (error: unknown) => error instanceof RangeError,
    );
    const store = memoryStore();
    trainTo(helpers, store, 1, { basename: 'checkpoints' });
    assert.equal(listed(store), ['checkpoints-0', 'checkpoints-1']);
  }),
);

test(
  'case 103: says names without a folder',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 1);
    // bettered: TensorFlow keeps absolute paths, so that folders cannot be moved.
    assert.ok(stateOf(store).startsWith('model_checkpoint_path: "model.ckpt-1"\n'));
    assert.ok(!stateOf(store).includes('/'));
  }),
);

test(
  'case 104: reads names as those of the same folder',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 2);
    for (const path of ['model.ckpt-1', './model.ckpt-1', '/moved/from/here/model.ckpt-1']) {
      answerOf(store.writeState(new TextEncoder().encode(`model_checkpoint_path: "${path}"\n`)));
      // bettered: TensorFlow joins texts, reads `./m-1` as `dir/./m-1`, and looks for absolute paths where they were.
      assert.is(answerOf(readStateFile(store))?.latest, 'model.ckpt-1');
    }
  }),
);

test(
  'case 105: goes on from what is in the folder if the state file is empty or garbage',
  marbles((helpers) => {
    for (const text of ['', 'garbage {{{', '\0\0']) {
      const store = memoryStore();
      trainTo(helpers, store, 2);
      answerOf(store.writeState(new TextEncoder().encode(text)));
      // bettered: TensorFlow fails on an empty one, and starts afresh over the old checkpoints on garbage.
      assert.equal(trainTo(helpers, store, 3), ['saved 3']);
      assert.equal(onDisk(store), [0, 1, 2, 3]);
    }
  }),
);

test(
  'case 106: deletes nothing before the next save, then all that is too much',
  marbles((helpers) => {
    const store = memoryStore();
    const phases = trainTo(helpers, store, 3, { retention: keepLatest(3) });
    assert.equal(phases, ['saved 0', 'saved 1', 'saved 2', 'saved 3', 'deleted 0']);
    assert.equal(trainTo(helpers, store, 3, { retention: keepLatest(1) }), []);
    assert.equal(onDisk(store), [1, 2, 3]);
    const next = trainTo(helpers, store, 4, { retention: keepLatest(1) });
    assert.equal(next, ['saved 4', 'deleted 1', 'deleted 2', 'deleted 3']);
  }),
);

test(
  'case 107: keeps by hours across restarts',
  marbles((helpers) => {
    const store = memoryStore();
    const retention: Retention = keepAnyOf(keepLatest(2), keepEveryHours(1.5, { since: 2 }));
    // The save at the creation, at 3 s, is TensorFlow's creation of the manager; a new run for each, as if restarted.
    for (const [globalStep, seconds] of [3, 10_000, 13_610, 14_330, 16_130, 17_930, 17_940].entries()) {
      trainTo(helpers, store, globalStep, { retention, wallClock: () => seconds * 1000 });
    }
    assert.equal(onDisk(store), [1, 4, 5, 6]);
  }),
);

test(
  'case 108: never deletes what another program saved, and goes on after it',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 2, { retention: keepAll() });
    // Files of TensorFlow, which have no record of ours.
    const foreign = [
      { suffix: '.data-00000-of-00001', chunks: [new Uint8Array(8)] },
      { suffix: '.index', chunks: [new Uint8Array(8)] },
    ];
    answerOf(store.write('other-1', foreign));
    trainTo(helpers, store, 4, { retention: keepLatest(1) });
    const there = answerOf(findCheckpoints(store, DEFAULT_FORMATS)).map(({ prefix }) => prefix);
    assert.equal(there, ['other-1', 'model.ckpt-4']);
    assert.equal(listed(store), ['model.ckpt-4']);
  }),
);

test(
  'case 109: numbers by the global step',
  marbles((helpers) => {
    const store = memoryStore();
    trainTo(helpers, store, 5, { trigger: everySteps(5), basename: 'ckpt' });
    // bettered: there is no counter of saves beside it, so a name says where training was.
    assert.equal(listed(store), ['ckpt-0', 'ckpt-5']);
  }),
);

test(
  'case 110: saves at 0, then by its interval, the last step in any case, and a restored one not again',
  marbles((helpers) => {
    const store = memoryStore();
    const trigger = everySteps(2, { since: 'lastFiring' });
    assert.equal(trainTo(helpers, store, 3, { trigger }), ['saved 0', 'saved 2', 'saved 3']);
    assert.equal(trainTo(helpers, store, 3, { trigger }), []);
    assert.equal(trainTo(helpers, store, 6, { trigger }), ['saved 5', 'saved 6']);
  }),
);

test.run();
