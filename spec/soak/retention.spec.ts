// Retention over random sequences of saves, changes of what is kept, restarts and foreign checkpoints.

import fc from 'fast-check';
import { filter } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint } from '../../lib/checkpoint/checkpoint.js';
import { findCheckpoints } from '../../lib/checkpoint/find-checkpoints.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS } from '../../lib/checkpoint/read-checkpoint.js';
import { keepAnyOf } from '../../lib/checkpoint/retention/keep-any-of.js';
import { keepBest } from '../../lib/checkpoint/retention/keep-best.js';
import { keepEverySteps } from '../../lib/checkpoint/retention/keep-every-steps.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { pinned } from '../../lib/checkpoint/retention/pinned.js';
import type { Retention } from '../../lib/checkpoint/retention/retention.js';
import type { OpenSaver } from '../../lib/checkpoint/saver.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { isSaved } from '../../lib/checkpoint/write-progress.js';
import { decodeCheckpointState } from '../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { CheckpointStore, StoredFile } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { observedStore, type StoreNote } from '../../lib/testing/crash/observed-store.js';
import { counted, seed, times } from '../faults/soak.js';

const test = suite('retention, over random sequences');
const FOREIGN_STEP = 7;
const FOREIGN = `of-another-program-${FOREIGN_STEP}`;
const RUNS = times(200, 10_000);
const counts = { sequences: 0, saves: 0, deleted: 0, violations: 0 };

interface Kept {
  readonly latest: number;
  /** How many of the best are kept; 0 for none. */
  readonly best: number;
  /** 0 for none. */
  readonly everySteps: number;
  readonly pins: readonly number[];
}

type Action =
  | { readonly type: 'save'; readonly loss: number; readonly steps: number }
  | { readonly type: 'restart'; readonly kept: Kept };

const kept: fc.Arbitrary<Kept> = fc.record({
  latest: fc.integer({ min: 1, max: 4 }),
  best: fc.integer({ min: 0, max: 2 }),
  everySteps: fc.integer({ min: 0, max: 5 }),
  pins: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 2 }),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('save' as const),
      loss: fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constantFrom(Number.NaN, 0, 1, 1)),
      steps: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const), kept }) },
);

function retentionOf({ latest, best, everySteps, pins }: Kept): Retention {
  const all = [keepLatest(latest)];
  if (best > 0) all.push(keepBest('loss', best, { mode: 'min' }));
  if (everySteps > 0) all.push(keepEverySteps(everySteps));
  if (pins.length > 0) all.push(pinned(...pins.map((step) => `model.ckpt-${step}`)));
  return keepAnyOf(...all);
}

function opened(store: CheckpointStore, retention: Retention): OpenSaver {
  const saver = answerOf(storeSaver(store, { retention, wallClock: () => 1000 }).open());
  answerOf(saver.startFrom(answerOf(latestFrom(store, { logger: silentLogger }).load())?.from));
  return saver;
}

/** Those of another program have no record of ours. */
function* foreignFiles(): Generator<StoredFile> {
  const tensors = new Map([['global_step', int64Scalar(FOREIGN_STEP)]]);
  const record = { globalStep: FOREIGN_STEP, savedAt: 1, parent: undefined, metrics: new Map<string, number>() };
  for (const { suffix, chunks } of tensorBundle().encode({ globalStep: FOREIGN_STEP, tensors, json: null }, record)) {
    const all = [...chunks];
    if (suffix === '.index' || suffix.startsWith('.data-')) yield { suffix, chunks: all };
  }
}

const prefixesIn = (store: CheckpointStore): readonly string[] =>
  answerOf(findCheckpoints(store, DEFAULT_FORMATS)).map(({ prefix }) => prefix);

test('keeps the newest, what is pinned, the best, and what is not ours; deletes only what no state file names', () => {
  fc.assert(
    fc.property(kept, fc.array(action, { minLength: 1, maxLength: 12 }), (first, actions) => {
      counts.sequences++;
      const notes: StoreNote[] = [];
      const store = observedStore(memoryStore(), (note) => notes.push(note));
      answerOf(store.write(FOREIGN, foreignFiles()));

      let retention = retentionOf(first);
      let saver = opened(store, retention);
      let mine: readonly Checkpoint[] = [];
      // A fresh run goes on from that of the other program.
      let step = FOREIGN_STEP;
      for (const next of actions) {
        if (next.type === 'restart') {
          saver.close();
          retention = retentionOf(next.kept);
          saver = opened(store, retention);
          continue;
        }
        step += next.steps;
        const snapshot = { globalStep: step, tensors: new Map([['global_step', int64Scalar(step)]]), json: null };
        const saved = answerOf(saver.save(snapshot, new Map([['loss', next.loss]])).pipe(filter(isSaved)));
        counts.saves++;
        const candidates = [...mine, saved];
        notes.length = 0;
        const reasons = retention.reasons(candidates);
        const expected = candidates.filter((_, at) => reasons[at] !== undefined || at === candidates.length - 1);
        const before = answerOf(store.readState());
        saver.retain().subscribe();
        counts.deleted += candidates.length - expected.length;
        mine = expected;

        assert.equal([...prefixesIn(store)].sort(), [FOREIGN, ...expected.map(({ prefix }) => prefix)].sort());
        // The state file was right before anything went, and names the newest.
        const state = decodeCheckpointState(before ?? new Uint8Array());
        assert.is(state.latest, saved.prefix);
        assert.equal([...state.all].sort(), expected.map(({ prefix }) => prefix).sort());
        for (const note of notes) {
          if (note.type !== 'removing') continue;
          for (const prefix of note.prefixes) assert.not.ok(state.all.includes(prefix), `${prefix} was still named`);
        }
      }
      saver.close();
    }),
    { numRuns: RUNS, seed, includeErrorInReport: true },
  );
  counted('sequences of saves with retention', counts);
});

test.run();
