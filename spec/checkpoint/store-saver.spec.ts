import { filter, lastValueFrom, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { checkpointFrom } from '../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import type { OpenSaver } from '../../lib/checkpoint/saver.js';
import { type StoreSaverOptions, storeSaver } from '../../lib/checkpoint/store-saver.js';
import { isSaved } from '../../lib/checkpoint/write-progress.js';
import { CheckpointExistsError } from '../../lib/error/checkpoint-exists-error.js';
import { NonFiniteStateError } from '../../lib/error/non-finite-state-error.js';
import { StoreInUseError } from '../../lib/error/store-in-use-error.js';
import { decodeCheckpointState } from '../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import type { CheckpointStore, StoredFile } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import type { Json } from '../../lib/tensor/json.js';
import { float32Scalar, int64Scalar, makeTensor } from '../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../lib/tensor/tensor.js';
import { observedStore } from '../../lib/testing/crash/observed-store.js';
import { ScratchFolder, train } from './scratch-folder.js';

const test = suite('storeSaver');
const NO_METRICS = new Map<string, number>();

function state(globalStep: number, tensors: [string, Tensor][] = [], json: Json = null): StateSnapshot {
  return { globalStep, tensors: new Map([['global_step', int64Scalar(globalStep)], ...tensors]), json };
}

function opened(store: CheckpointStore, options: StoreSaverOptions = {}): Promise<OpenSaver> {
  return lastValueFrom(storeSaver(store, { wallClock: () => 1000, ...options }).open());
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => assert.unreachable('it did not fail') as never,
    (error: Error) => error,
  );
}

function stateFile(folder: ScratchFolder): { readonly latest: string; readonly all: readonly string[] } {
  const { latest, all } = decodeCheckpointState(folder.read('checkpoint'));
  return { latest, all };
}

function prefixes(folder: ScratchFolder, marker = '.index'): readonly string[] {
  return folder
    .names()
    .filter((name) => name.endsWith(marker))
    .map((name) => name.slice(0, -marker.length));
}

test('commits, enters it in the state file, and only then deletes', async () => {
  const said: string[] = [];
  const folder = new ScratchFolder();
  const observed = observedStore(folder.store, (note) => {
    const what = 'prefix' in note ? note.prefix : 'prefixes' in note ? note.prefixes.join() : '';
    const latest = 'bytes' in note ? decodeCheckpointState(note.bytes).all.join() : '';
    said.push(`${note.type} ${what}${latest}`);
  });
  await train(observed, 2, { retention: keepLatest(1) });
  assert.equal(said, [
    'writing model.ckpt-0',
    'written model.ckpt-0',
    'stating model.ckpt-0',
    'stated model.ckpt-0',
    'writing model.ckpt-1',
    'written model.ckpt-1',
    'stating model.ckpt-1',
    'stated model.ckpt-1',
    'removing model.ckpt-0',
    'writing model.ckpt-2',
    'written model.ckpt-2',
    'stating model.ckpt-2',
    'stated model.ckpt-2',
    'removing model.ckpt-1',
  ]);
});

test('keeps five by default, and tells of each that is deleted', async () => {
  const folder = new ScratchFolder();
  const { phases } = await train(folder.store, 6);
  assert.equal(prefixes(folder), ['model.ckpt-2', 'model.ckpt-3', 'model.ckpt-4', 'model.ckpt-5', 'model.ckpt-6']);
  assert.equal(stateFile(folder).all, prefixes(folder));
  assert.equal(phases.slice(-3), ['beforeSave 6', 'afterSave 6', 'checkpointDeleted model.ckpt-1']);
  assert.equal(
    phases.filter((phase) => phase.startsWith('checkpointDeleted')),
    ['checkpointDeleted model.ckpt-0', 'checkpointDeleted model.ckpt-1'],
  );
  assert.is(folder.fs.openCount(), 0);
});

test('a lower limit deletes all that is over it, after the next save', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 8, { retention: keepLatest(10) });
  assert.is(prefixes(folder).length, 9);
  await train(folder.store, 8, { retention: keepLatest(3) });
  assert.is(prefixes(folder).length, 9, 'nothing was saved yet');
  await train(folder.store, 9, { retention: keepLatest(3) });
  assert.equal(prefixes(folder), ['model.ckpt-7', 'model.ckpt-8', 'model.ckpt-9']);
});

test('never deletes what it did not write', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 1, { basename: 'theirs' });
  for (const step of [0, 1]) folder.remove(`theirs-${step}.tidemark.json`);
  folder.put('model.ckpt-0.notes', 'mine');
  await train(folder.store, 6, { retention: keepLatest(1) });
  assert.equal(prefixes(folder), ['model.ckpt-6', 'theirs-0', 'theirs-1']);
  assert.ok(folder.names().includes('model.ckpt-0.notes'));
  assert.equal(stateFile(folder), { latest: 'model.ckpt-6', all: ['model.ckpt-6'] });
});

test('a save that fails leaves what was there, and one that could not delete says so', async () => {
  const store = memoryStore({
    failure: ({ operation, nth }) => (operation === 'remove' && nth === 1 ? new Error('busy') : undefined),
  });
  const { phases } = await train(store, 4, { retention: keepLatest(2) });
  // What could not be deleted after step 2 is deleted after step 3.
  assert.equal(
    phases.filter((phase) => phase.startsWith('checkpointDeleted')),
    ['checkpointDeleted model.ckpt-0', 'checkpointDeleted model.ckpt-1', 'checkpointDeleted model.ckpt-2'],
  );
});

test('a save that could not be entered in the state file is completed when its step is tried again', async () => {
  const folder = new ScratchFolder();
  let isFailing = false;
  let writes = 0;
  const store: CheckpointStore = {
    ...folder.store,
    write: (prefix, files) => {
      writes++;
      return folder.store.write(prefix, files);
    },
    writeState: (bytes) => (isFailing ? throwError(() => new Error('no state file')) : folder.store.writeState(bytes)),
  };
  const saver = await opened(store);
  const save = (step: number) => lastValueFrom(saver.save(state(step), NO_METRICS).pipe(filter(isSaved)));
  await save(1);
  isFailing = true;
  assert.match((await failureOf(save(2))).message, 'no state file');
  assert.is(stateFile(folder).latest, 'model.ckpt-1');
  isFailing = false;
  const { prefix, parent } = await save(2);
  assert.equal([prefix, parent, writes], ['model.ckpt-2', 'model.ckpt-1', 2]);
  assert.is(stateFile(folder).latest, 'model.ckpt-2');
  // Once it is acknowledged, it is a checkpoint as any other.
  assert.instance(await failureOf(save(2)), CheckpointExistsError);
  saver.close();
});

test('a recovery writes a step anew whose first save could not be entered in the state file', async () => {
  const folder = new ScratchFolder();
  let isFailing = false;
  const store: CheckpointStore = {
    ...folder.store,
    writeState: (bytes) => (isFailing ? throwError(() => new Error('no state file')) : folder.store.writeState(bytes)),
  };
  const saver = await opened(store);
  const save = (step: number, value: number) =>
    lastValueFrom(saver.save(state(step, [['w', float32Scalar(value)]]), NO_METRICS).pipe(filter(isSaved)));
  await save(1, 1);
  isFailing = true;
  assert.match((await failureOf(save(2, 20))).message, 'no state file');
  isFailing = false;
  await lastValueFrom(saver.startFrom({ prefix: 'model.ckpt-1', globalStep: 1, skipped: [] }));
  await save(2, 21);
  saver.close();
  assert.is(stateFile(folder).latest, 'model.ckpt-2');
  const checkpoint = await lastValueFrom(readCheckpoint(folder.store, 'model.ckpt-2'));
  assert.equal(checkpoint.read('w'), float32Scalar(21));
  checkpoint.close();
});

test('refuses a fresh run where checkpoints of another are', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2);
  const before = folder.names();
  const error = await failureOf(train(folder.store, 2, { isFresh: true }));
  assert.instance(error, CheckpointExistsError);
  assert.match((error as CheckpointExistsError).hint ?? '', 'latestFrom(store)');
  assert.equal(folder.names(), before);
  const again = await train(folder.reopen(), 3);
  assert.is(again.trainedSteps, 3);
});

test('a checkpoint of the same name in another store is another checkpoint', async () => {
  const [here, there] = [new ScratchFolder(), memoryStore({ location: 'there' })];
  await train(there, 2);
  await train(here.store, 2);
  const error = await failureOf(train(here.store, 3, { restore: checkpointFrom(there, 'model.ckpt-2') }));
  assert.instance(error, CheckpointExistsError);
  const fresh = new ScratchFolder();
  const { phases } = await train(fresh.store, 3, { restore: checkpointFrom(there, 'model.ckpt-2') });
  assert.equal(phases, ['beforeSave 2', 'afterSave 2', 'beforeSave 3', 'afterSave 3']);
});

test('a rollback sets aside what came later, and goes on from there', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 4);
  const rolledBack = await train(folder.store, 3, { restore: checkpointFrom(folder.store, 'model.ckpt-2') });
  assert.equal(rolledBack.phases, ['beforeSave 3', 'afterSave 3']);
  assert.equal(prefixes(folder), ['model.ckpt-0', 'model.ckpt-1', 'model.ckpt-2', 'model.ckpt-3']);
  assert.ok(folder.names().includes('model.ckpt-4.index.quarantined'));
  assert.ok(folder.names().includes('model.ckpt-3.index.quarantined'));
  const checkpoint = await lastValueFrom(readCheckpoint(folder.store, 'model.ckpt-3'));
  assert.is(checkpoint.record?.parent, 'model.ckpt-2');
  checkpoint.close();
});

test('a damaged one of its own is set aside, one of another program stays', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 3);
  folder.damage('model.ckpt-3.data-00000-of-00001');
  folder.put('model.ckpt-2.tidemark.json', 'broken');
  folder.put('other-9.index', 'broken');
  folder.remove('checkpoint');
  const { created } = await train(folder.store, 4);
  assert.equal(
    created?.restored?.skipped.map(({ prefix }) => prefix),
    ['other-9', 'model.ckpt-3', 'model.ckpt-2'],
  );
  assert.equal(prefixes(folder, '.index.quarantined'), ['model.ckpt-2', 'model.ckpt-3']);
  assert.equal(prefixes(folder), [
    'model.ckpt-0',
    'model.ckpt-1',
    'model.ckpt-2',
    'model.ckpt-3',
    'model.ckpt-4',
    'other-9',
  ]);
});

test('never writes over a checkpoint that another program wrote under its name', async () => {
  for (const format of [undefined, safetensors()]) {
    const folder = new ScratchFolder();
    await train(folder.store, 2);
    for (const step of [1, 2]) folder.remove(`model.ckpt-${step}.tidemark.json`);
    const before = folder.read('model.ckpt-1.index');
    const options = { restore: checkpointFrom(folder.store, 'model.ckpt-0'), format };
    const error = await failureOf(train(folder.store, 2, options));
    assert.instance(error, CheckpointExistsError);
    assert.equal(folder.read('model.ckpt-1.index'), before);
  }
});

test('changes its format from one run to the next', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2);
  await train(folder.store, 4, { format: safetensors(), retention: keepLatest(3) });
  assert.equal(prefixes(folder), ['model.ckpt-2']);
  assert.equal(prefixes(folder, '.safetensors.tidemark.json'), ['model.ckpt-3', 'model.ckpt-4']);
  const { trainedSteps, created } = await train(folder.store, 6, { retention: keepLatest(1) });
  assert.equal([trainedSteps, created?.restored?.prefix], [6, 'model.ckpt-4']);
  assert.equal(folder.names(), [
    'checkpoint',
    'model.ckpt-6.data-00000-of-00001',
    'model.ckpt-6.index',
    'model.ckpt-6.tidemark.json',
  ]);
});

test('two runs after each other go on where the first was; nothing to do is nothing to save', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 3);
  const before = folder.names().map((name) => [name, folder.read(name)]);
  const { phases, trainedSteps } = await train(folder.store, 3);
  assert.equal([phases, trainedSteps], [[], 3]);
  assert.equal(
    folder.names().map((name) => [name, folder.read(name)]),
    before,
  );
});

test('has its store for itself until it is closed, and may be closed again', async () => {
  const folder = new ScratchFolder();
  const first = await opened(folder.store);
  assert.instance(await failureOf(opened(folder.store)), StoreInUseError);
  first.close();
  first.close();
  const second = await opened(folder.store);
  first.close();
  assert.instance(await failureOf(opened(folder.store)), StoreInUseError);
  second.close();
});

test('lets go of the store if it cannot be looked at', async () => {
  const store = memoryStore({
    failure: ({ operation, nth }) => (operation === 'list' && nth === 1 ? new Error('no list') : undefined),
  });
  assert.is((await failureOf(opened(store))).message, 'no list');
  (await opened(store)).close();
});

test('records the parent, the metrics and the time', async () => {
  const folder = new ScratchFolder();
  const saver = await opened(folder.store);
  await lastValueFrom(saver.save(state(1), new Map([['loss', Number.NaN]])));
  const saved = await lastValueFrom(saver.save(state(2), NO_METRICS).pipe(filter(isSaved)));
  saver.close();
  const { sizeBytes, ...rest } = saved;
  assert.equal(rest, {
    prefix: 'model.ckpt-2',
    globalStep: 2,
    savedAt: 1,
    metrics: NO_METRICS,
    parent: 'model.ckpt-1',
  });
  const sizes = folder
    .names()
    .filter((name) => name.startsWith('model.ckpt-2'))
    .map((name) => folder.read(name).length);
  assert.is(
    sizeBytes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const checkpoint = await lastValueFrom(readCheckpoint(folder.store, 'model.ckpt-1'));
  assert.ok(Number.isNaN(checkpoint.record?.metrics.get('loss')));
  checkpoint.close();
});

for (const [title, snapshot, fault] of [
  ['a tensor without a name', state(1, [['', float32Scalar(1)]]), /received an empty name/],
  ['nothing at all', { globalStep: 1, tensors: new Map(), json: null }, /nothing to save/],
  ['a function', state(1, [], { parts: { model: { f: (() => 1) as never } } }), /part "model".*a function at \.f/],
  ['a name of the state itself', state(1, [['_tidemark/state', float32Scalar(1)]]), /names that differ/],
] as const) {
  test(`refuses to save ${title}, and leaves nothing`, async () => {
    const folder = new ScratchFolder();
    const saver = await opened(folder.store);
    assert.match((await failureOf(lastValueFrom(saver.save(snapshot, NO_METRICS)))).message, fault);
    await lastValueFrom(saver.save(state(1), NO_METRICS));
    saver.close();
    assert.equal(prefixes(folder), ['model.ckpt-1']);
  });
}

test('saves tensors of no elements, scalars and NaN as they are', async () => {
  const folder = new ScratchFolder();
  const saver = await opened(folder.store);
  const nan = makeTensor('float32', [2], new Float32Array(Uint32Array.of(0x7fc00001, 0xffc12345).buffer));
  const tensors: [string, Tensor][] = [
    ['empty', makeTensor('float32', [0, 3], new Float32Array())],
    ['nan', nan],
  ];
  await lastValueFrom(saver.save(state(1, tensors), NO_METRICS));
  saver.close();
  const checkpoint = await lastValueFrom(readCheckpoint(folder.store, 'model.ckpt-1'));
  const found = checkpoint.snapshot().tensors.get('nan');
  assert.equal(found, nan);
  checkpoint.close();
});

test('refuses NaN where that is wanted, and what was saved before stays the newest', async () => {
  const folder = new ScratchFolder();
  const saver = await opened(folder.store, { refuseNonFinite: true });
  await lastValueFrom(saver.save(state(1), NO_METRICS));
  const error = await failureOf(lastValueFrom(saver.save(state(2, [['w', float32Scalar(Number.NaN)]]), NO_METRICS)));
  saver.close();
  assert.instance(error, NonFiniteStateError);
  assert.equal(stateFile(folder), { latest: 'model.ckpt-1', all: ['model.ckpt-1'] });
});

test('sets a checkpoint aside that does not read back as it was written', async () => {
  const folder = new ScratchFolder();
  const { store } = folder;
  const faulty: CheckpointStore = {
    ...store,
    write: (prefix, files) => store.write(prefix, withFlippedBit(files)),
  };
  const saver = await opened(faulty, { verifyWrites: true });
  const error = await failureOf(lastValueFrom(saver.save(state(1, [['w', float32Scalar(1)]]), NO_METRICS)));
  saver.close();
  assert.match(error.message, /read back after the save, tensor "\w+" is damaged/);
  assert.equal(prefixes(folder), []);
  assert.equal(prefixes(folder, '.index.quarantined'), ['model.ckpt-1']);
});

test('refuses wrong options at the door, and a clock that shows nothing', async () => {
  for (const basename of ['', 'checkpoint', 'a/b', '..\\x', 'a\0b']) {
    assert.throws(() => storeSaver(memoryStore(), { basename }), /storeSaver\(basename\): expected a file name/);
  }
  const saver = await opened(memoryStore(), { wallClock: () => Number.NaN });
  assert.match((await failureOf(lastValueFrom(saver.save(state(1), NO_METRICS)))).message, /storeSaver\(wallClock\)/);
});

function* withFlippedBit(files: Iterable<StoredFile>): Generator<StoredFile> {
  for (const { suffix, chunks } of files) {
    yield { suffix, chunks: suffix.startsWith('.data') ? flipped(chunks) : chunks };
  }
}

function* flipped(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) {
    const copy = chunk.slice();
    copy[0] = (copy[0] ?? 0) ^ 1;
    yield copy;
  }
}

test.run();
