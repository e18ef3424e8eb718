import { lastValueFrom, map, tap, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointFrom, type LatestFromOptions, latestFrom } from '../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { NoValidCheckpointError } from '../../lib/error/no-valid-checkpoint-error.js';
import { StorageError } from '../../lib/error/storage-error.js';
import type { Logger } from '../../lib/log/logger.js';
import type { RestoredFrom } from '../../lib/session/restore-source.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { ScratchFolder, train } from './scratch-folder.js';

const test = suite('latestFrom');

/** A logger that keeps warnings. */
function listening(): Logger & { readonly warnings: string[] } {
  const warnings: string[] = [];
  const warn = (first: unknown, text?: string): void => {
    warnings.push(text ?? String(first));
  };
  return { warnings, debug() {}, info() {}, warn, error() {} } as unknown as Logger & { readonly warnings: string[] };
}

async function latest(
  store: CheckpointStore,
  options: LatestFromOptions = {},
): Promise<{ readonly from: RestoredFrom | undefined; readonly warnings: readonly string[] }> {
  const logger = listening();
  const restored = await lastValueFrom(latestFrom(store, { logger, ...options }).load());
  return { from: restored?.from, warnings: logger.warnings };
}

async function folderWith(steps: number): Promise<ScratchFolder> {
  const folder = new ScratchFolder();
  await train(folder.store, steps);
  return folder;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

test('starts afresh where nothing was ever saved, and says nothing', async () => {
  for (const store of [memoryStore(), new ScratchFolder().store]) {
    assert.equal(await latest(store), { from: undefined, warnings: [] });
  }
});

test('restores the newest', async () => {
  const folder = await folderWith(3);
  const { from, warnings } = await latest(folder.reopen());
  assert.equal(from, { prefix: 'model.ckpt-3', location: '/run', globalStep: 3, skipped: [] });
  assert.equal(warnings, []);
  assert.is(folder.fs.openCount(), 0);
});

for (const [title, state, warning] of [
  ['missing', undefined, undefined],
  ['empty', '', /state file of \/run is damaged: searching the folder/],
  ['garbage', '\0\xff garbage {{{', /is damaged: searching/],
  ['half', 'model_checkpoint_path: "model.ck', /is damaged: searching/],
  ['huge', `model_checkpoint_path: "${'x'.repeat(2 << 20)}"`, /is damaged: searching/],
  ['pointing out', 'model_checkpoint_path: "../other/model.ckpt-9"', /is damaged: searching/],
  [
    'pointing out by a later entry',
    'model_checkpoint_path: "model.ckpt-3"\nall_model_checkpoint_paths: "a/../../b"',
    /damaged/,
  ],
  ['dangling', 'model_checkpoint_path: "model.ckpt-9"', /names model.ckpt-9, which is not there/],
  ['of an absolute path', 'model_checkpoint_path: "/elsewhere/model.ckpt-3"', undefined],
] as const) {
  test(`finds the newest if the state file is ${title}`, async () => {
    const folder = await folderWith(3);
    if (state === undefined) folder.remove('checkpoint');
    else folder.put('checkpoint', state);
    const { from, warnings } = await latest(folder.store);
    assert.is(from?.prefix, 'model.ckpt-3');
    assert.is(warnings.length, warning === undefined ? 0 : 1);
    if (warning !== undefined) assert.match(warnings[0] as string, warning);
  });
}

test('falls back to the newest valid one, and names both', async () => {
  const folder = await folderWith(3);
  folder.damage('model.ckpt-3.data-00000-of-00001');
  folder.damage('model.ckpt-2.tidemark.json');
  const { from, warnings } = await latest(folder.store);
  assert.is(from?.prefix, 'model.ckpt-1');
  assert.equal(
    from?.skipped.map(({ prefix }) => prefix),
    ['model.ckpt-3', 'model.ckpt-2'],
  );
  for (const { error } of from?.skipped ?? []) assert.instance(error, CorruptDataError);
  assert.equal(warnings, ['restoring model.ckpt-1, since model.ckpt-3, model.ckpt-2 cannot be restored']);

  const logger = listening();
  const { created, trainedSteps } = await train(folder.store, 5, { logger });
  assert.equal(
    created?.restored?.skipped.map(({ prefix }) => prefix),
    ['model.ckpt-3', 'model.ckpt-2'],
  );
  assert.is(trainedSteps, 5);
  assert.ok(logger.warnings.some((text) => text.includes('model.ckpt-3') && text.includes('model.ckpt-1')));
});

for (const [title, damage] of [
  ['data file missing', (folder: ScratchFolder) => folder.remove('model.ckpt-3.data-00000-of-00001')],
  ['data file empty', (folder: ScratchFolder) => folder.put('model.ckpt-3.data-00000-of-00001', '')],
  ['index garbage', (folder: ScratchFolder) => folder.put('model.ckpt-3.index', 'garbage')],
  [
    'index a folder',
    (folder: ScratchFolder) => {
      folder.remove('model.ckpt-3.index');
      folder.fs.mkdir('/run/model.ckpt-3.index');
    },
  ],
  ['record empty', (folder: ScratchFolder) => folder.put('model.ckpt-3.tidemark.json', '')],
] as const) {
  test(`falls back if the newest has its ${title}`, async () => {
    const folder = await folderWith(3);
    damage(folder);
    assert.is((await latest(folder.store)).from?.prefix, 'model.ckpt-2');
    folder.remove('checkpoint');
    assert.is((await latest(folder.store)).from?.prefix, 'model.ckpt-2');
    assert.is(folder.fs.openCount(), 0);
  });
}

test('fails on damage where that is wanted', async () => {
  const folder = await folderWith(3);
  folder.damage('model.ckpt-3.data-00000-of-00001');
  assert.instance(await failureOf(latest(folder.store, { onDamaged: 'fail' })), CorruptDataError);
  assert.throws(
    () => latestFrom(folder.store, { onDamaged: 'panic' as never }),
    /'fallBack' or 'fail', received "panic"/,
  );
});

test('never starts afresh if all are damaged', async () => {
  const folder = await folderWith(2);
  for (const name of folder.names()) if (name.endsWith('.index')) folder.put(name, 'garbage');
  const error = await failureOf(latest(folder.store));
  assert.instance(error, NoValidCheckpointError);
  assert.match((error as Error).message, /no valid checkpoint in \/run: 3 found, 3 damaged \(first: [a-z-]+: /);
  assert.equal((error as NoValidCheckpointError).damaged, ['model.ckpt-2', 'model.ckpt-1', 'model.ckpt-0']);
  assert.instance(await failureOf(train(folder.store, 3)), NoValidCheckpointError);
});

test('never starts afresh if the only one that the state file names is gone', async () => {
  const folder = await folderWith(1);
  for (const name of folder.names()) if (name !== 'checkpoint') folder.remove(name);
  const error = await failureOf(latest(folder.store));
  assert.instance(error, NoValidCheckpointError);
  assert.instance((error as Error).cause, CheckpointNotFoundError);
});

test('never starts afresh for want of a permission', async () => {
  const folder = await folderWith(2);
  const denied = new StorageError('PERMISSION', '/run/x', 'EACCES', 'permission denied');
  const store = { ...folder.store, open: () => throwing(denied) };
  assert.is(await failureOf(latest(store)), denied);
});

test('takes bytes that the disk does not give back for damage', async () => {
  const folder = await folderWith(2);
  const store = { ...folder.store, open: unreadable(folder.store, 'model.ckpt-2') };
  const { from } = await latest(store);
  assert.is(from?.prefix, 'model.ckpt-1');
  assert.instance(from?.skipped[0]?.error, StorageError);
});

for (const planted of ['ckpt-999999', 'ckpt-1e9', 'ckpt--5', 'ckpt-007', 'model.ckpt-999999']) {
  test(`ignores a planted ${planted}.index, and leaves it where it is`, async () => {
    const folder = await folderWith(2);
    folder.put(`${planted}.index`, 'garbage');
    assert.is((await latest(folder.store)).from?.prefix, 'model.ckpt-2');
    folder.remove('checkpoint');
    const { from, warnings } = await latest(folder.store);
    assert.is(from?.prefix, 'model.ckpt-2');
    if (planted.endsWith('-999999')) assert.match(warnings.join(), planted);
    const { phases } = await train(folder.store, 9, { retention: undefined });
    assert.is(phases.filter((phase) => phase.startsWith('afterSave')).length, 7);
    assert.equal(folder.read(`${planted}.index`), new TextEncoder().encode('garbage'));
  });
}

test('takes a later one that was made from the one in the state file, but none of another future', async () => {
  const folder = await folderWith(3);
  folder.put('checkpoint', 'model_checkpoint_path: "model.ckpt-1"');
  assert.is((await latest(folder.store)).from?.prefix, 'model.ckpt-3');
  // Without 2, nothing says that 3 was made from 1.
  for (const name of folder.names()) if (name.startsWith('model.ckpt-2')) folder.remove(name);
  const { from, warnings } = await latest(folder.store);
  assert.is(from?.prefix, 'model.ckpt-1');
  assert.match(warnings.join(), /left aside: model.ckpt-3, not made from model.ckpt-1/);
});

test('looks again if what it found was deleted meanwhile', async () => {
  const folder = await folderWith(3);
  const { store } = folder;
  let looks = 0;
  let openings = 0;
  const busy: CheckpointStore = {
    ...store,
    list: (markers) => {
      looks++;
      openings = 0;
      return store.list(markers);
    },
    // At the first look all four are found, but gone when they are to be read.
    open: (prefix) =>
      looks === 1 && ++openings > 4 ? throwing(new CheckpointNotFoundError(prefix, '/run')) : store.open(prefix),
  };
  assert.is((await latest(busy)).from?.prefix, 'model.ckpt-3');
  assert.is(looks, 2);
});

test('checkpointFrom restores one certain checkpoint', async () => {
  const folder = await folderWith(3);
  const { from } = (await lastValueFrom(checkpointFrom(folder.store, 'model.ckpt-1').load())) ?? {};
  assert.equal(from, { prefix: 'model.ckpt-1', location: '/run', globalStep: 1, skipped: [] });
  assert.instance(
    await failureOf(lastValueFrom(checkpointFrom(folder.store, 'model.ckpt-8').load())),
    CheckpointNotFoundError,
  );
});

function throwing(error: unknown): ReturnType<CheckpointStore['open']> {
  return throwError(() => error);
}

/** Opens checkpoints, but of one the bytes cannot be read. */
function unreadable(store: CheckpointStore, prefix: string): CheckpointStore['open'] {
  const read = (): never => {
    throw new StorageError('IO', prefix, 'EIO', 'input/output error');
  };
  return (opening) =>
    store.open(opening).pipe(
      map((opened) => {
        if (opening !== prefix) return opened;
        const files = [...opened.files].map(([suffix, file]) => [suffix, { ...file, read }] as const);
        return { ...opened, files: new Map(files) };
      }),
    );
}

test('looks again if what it found is deleted under it, its marker first', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2, { retention: keepLatest(1) });
  const later = new ScratchFolder();
  await train(later.store, 3, { retention: keepLatest(1) });
  const store = folder.reopen();
  let opens = 0;
  const deleting: CheckpointStore = {
    ...store,
    open(prefix) {
      // The second opening is that of who reads it; the first one looked at its record.
      if (++opens !== 2) return store.open(prefix);
      folder.remove(`${prefix}.index`);
      return store.open(prefix).pipe(
        tap(() => {
          for (const name of folder.names()) folder.remove(name);
          for (const name of later.names()) folder.put(name, later.read(name));
        }),
      );
    },
  };
  const { from } = await latest(deleting);
  assert.is(from?.globalStep, 3);
  assert.equal(from?.skipped, []);
  assert.ok(opens > 2);
});

test('of a checkpoint of which the marker is gone, there is none', async () => {
  const folder = await folderWith(1);
  folder.remove('model.ckpt-1.index');
  const error = await failureOf(lastValueFrom(readCheckpoint(folder.reopen(), 'model.ckpt-1')));
  assert.instance(error, CheckpointNotFoundError);
  assert.is(folder.fs.openCount(), 0);
});

test.run();
