import { lastValueFrom, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCheckpoints } from '../../lib/checkpoint/find-checkpoints.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { DEFAULT_FORMATS, readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { StorageError } from '../../lib/error/storage-error.js';
import { UnsupportedDataError } from '../../lib/error/unsupported-data-error.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { memoryStore } from '../../lib/store/memory-store.js';
import { ScratchFolder, train } from './scratch-folder.js';

const test = suite('findCheckpoints and readCheckpoint');

function found(store: CheckpointStore) {
  return lastValueFrom(findCheckpoints(store, DEFAULT_FORMATS));
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

test('finds nothing in an empty store, nor in one that is not there', async () => {
  assert.equal(await found(memoryStore()), []);
  assert.equal(await found(new ScratchFolder().store), []);
});

test('lists by step, not by name, whatever the format', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 9, { saveSteps: 9 });
  await train(folder.store, 10, { format: safetensors() });
  const [first, , last] = await found(folder.store);
  assert.equal(
    (await found(folder.store)).map(({ globalStep }) => globalStep),
    [0, 9, 10],
  );
  assert.is(first?.isOurs, true);
  assert.is(last?.prefix, 'model.ckpt-10');
  assert.is(last?.parent, 'model.ckpt-9');
  assert.equal(last?.metrics, new Map([['loss', 0.1]]));
  assert.is(folder.fs.openCount(), 0);
});

test('knows of one of another program its name only, and of a damaged record that it is one', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2);
  folder.remove('model.ckpt-1.tidemark.json');
  folder.damage('model.ckpt-2.tidemark.json');
  const facts = (await found(folder.store)).map((each) => [each.globalStep, each.isOurs, each.isRecordDamaged]);
  assert.equal(facts, [
    [0, true, false],
    [1, false, false],
    [2, false, true],
  ]);
});

test('passes over one that is deleted meanwhile, but over none that cannot be opened', async () => {
  const { store } = new ScratchFolder();
  await train(store, 2);
  const failing = (error: unknown): CheckpointStore => ({
    ...store,
    open: (prefix) => (prefix === 'model.ckpt-1' ? throwError(() => error) : store.open(prefix)),
  });
  const gone = await found(failing(new CheckpointNotFoundError('model.ckpt-1', '/run')));
  assert.equal(
    gone.map(({ globalStep }) => globalStep),
    [0, 2],
  );
  const denied = new StorageError('PERMISSION', 'x', 'EACCES', 'no');
  assert.is(await failureOf(found(failing(denied))), denied);
  const unread = await found(failing(new StorageError('IO', 'x', 'EIO', 'no')));
  assert.equal(
    unread.map(({ globalStep, isOurs }) => `${globalStep} ${isOurs}`),
    ['0 true', '1 false', '2 true'],
  );
});

test('a record as large as a disk is not read', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 1);
  folder.put('model.ckpt-1.tidemark.json', new Uint8Array(9 << 20).fill(0x20));
  assert.is((await found(folder.store)).at(-1)?.isRecordDamaged, true);
  const error = await failureOf(lastValueFrom(readCheckpoint(folder.store, 'model.ckpt-1')));
  assert.match((error as Error).message, /over 8388608 bytes \(model.ckpt-1.tidemark.json\)/);
});

test('reads entries without their elements, and each tensor by its name', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2);
  for (const prefix of ['model.ckpt-2', 'model.ckpt-0']) {
    const checkpoint = await lastValueFrom(readCheckpoint(folder.store, prefix));
    const names = checkpoint.entries.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape}]`);
    assert.equal(names, [
      '_tidemark/state string[]',
      'global_step int64[]',
      'model/steps int64[]',
      'model/weights float32[4]',
    ]);
    assert.is(checkpoint.read('model/weights').shape[0], 4);
    assert.equal(
      [...checkpoint.verify()].filter(({ fault }) => fault !== undefined),
      [],
    );
    checkpoint.close();
    checkpoint.close();
  }
  assert.is(folder.fs.openCount(), 0);
});

test('says what is wrong, and leaves no file open', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 1);
  const { store } = folder;
  assert.instance(await failureOf(lastValueFrom(readCheckpoint(store, 'model.ckpt-7'))), CheckpointNotFoundError);
  folder.put('model.ckpt-1.index', 'broken');
  assert.instance(await failureOf(lastValueFrom(readCheckpoint(store, 'model.ckpt-1'))), CorruptDataError);
  folder.put('lone.data-00000-of-00001', 'x');
  const error = await failureOf(lastValueFrom(readCheckpoint(store, 'lone')));
  assert.instance(error, UnsupportedDataError);
  assert.match((error as Error).message, 'no known format has the files .data-00000-of-00001');
  assert.is(folder.fs.openCount(), 0);
});

test('verify tells of each damaged tensor, and of a record that is not its own', async () => {
  const folder = new ScratchFolder();
  await train(folder.store, 2);
  folder.damage('model.ckpt-2.data-00000-of-00001', 0);
  folder.put('model.ckpt-1.tidemark.json', folder.read('model.ckpt-0.tidemark.json'));
  const faultsOf = async (prefix: string): Promise<readonly (string | undefined)[]> => {
    const checkpoint = await lastValueFrom(readCheckpoint(folder.store, prefix));
    const faults = [...checkpoint.verify()].filter(({ fault }) => fault !== undefined);
    checkpoint.close();
    return faults.map(({ name }) => name);
  };
  assert.equal(await faultsOf('model.ckpt-2'), ['global_step', undefined]);
  // The sizes differ, or else the step does.
  const swapped = await faultsOf('model.ckpt-1').catch((error: Error) => [error.message]);
  assert.match(swapped.join(), /^$|its record says/);
});

test.run();
