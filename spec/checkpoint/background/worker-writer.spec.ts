import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { EMPTY, firstValueFrom, lastValueFrom, type Subscription, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackgroundWriter, TakenSnapshot } from '../../../lib/checkpoint/background/background-writer.js';
import type { Checkpoint } from '../../../lib/checkpoint/checkpoint.js';
import { safetensors } from '../../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { type StoreSaverOptions, storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { verifyCheckpoint } from '../../../lib/checkpoint/verify-checkpoint.js';
import { isSaved } from '../../../lib/checkpoint/write-progress.js';
import { NonFiniteStateError } from '../../../lib/error/non-finite-state-error.js';
import { StorageError } from '../../../lib/error/storage-error.js';
import { StoreInUseError } from '../../../lib/error/store-in-use-error.js';
import { UnsavableStateError } from '../../../lib/error/unsavable-state-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { fileStore } from '../../../lib/store/file-store.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import { int64Scalar, makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { temporaryFolder } from '../../store/temporary-folder.js';

const test = suite('openWorkerWriter');
const NO_METRICS = new Map<string, number>();

interface Opened {
  readonly path: string;
  readonly writer: BackgroundWriter;
}

async function withWriter(
  body: (opened: Opened) => Promise<void>,
  options: StoreSaverOptions = {},
  copies: 1 | 2 = 2,
): Promise<void> {
  const { path, dispose } = temporaryFolder();
  const { openBackground } = storeSaver(fileStore(path), options);
  if (openBackground === undefined) throw new Error('expected a saver with a background');
  const writer = await firstValueFrom(openBackground(copies));
  try {
    await body({ path, writer });
  } finally {
    writer.close();
    dispose();
  }
}

function stateOf(globalStep: number, tensors: Iterable<readonly [string, Tensor]>): StateSnapshot {
  return {
    globalStep,
    tensors: new Map([['global_step', int64Scalar(globalStep)], ...tensors]),
    json: { parts: { input: { position: globalStep } } },
  };
}

const taken = (writer: BackgroundWriter, state: StateSnapshot): TakenSnapshot =>
  answerOf(writer.take(state, NO_METRICS));

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

for (const format of [tensorBundle(), safetensors()]) {
  test(`saves the state of the step whole, whatever training does meanwhile: ${format.name}`, async () => {
    await withWriter(
      async ({ path, writer }) => {
        const kernel = new Float32Array(40_000);
        const bias = new Float32Array(3);
        for (let step = 1; step <= 60; step++) {
          kernel.fill(step);
          bias.fill(step);
          const copy = taken(
            writer,
            stateOf(step, [
              ['model/kernel', makeTensor('float32', [200, 200], kernel)],
              ['model/bias', makeTensor('float32', [3], bias)],
            ]),
          );
          const written = lastValueFrom(copy.write());
          // Training goes on at once.
          for (let later = 1; later <= 20; later++) {
            kernel.fill(step + later / 100);
            bias.fill(-step);
          }
          await written;
          copy.release();
          const read = answerOf(readCheckpoint(fileStore(path), `model.ckpt-${step}`));
          const { tensors, json, globalStep } = read.snapshot();
          read.close();
          for (const name of ['model/kernel', 'model/bias']) {
            const tensor = tensors.get(name);
            if (tensor === undefined || tensor.dtype === 'string') throw new Error(`${name} is missing`);
            const values = new Float32Array(tensor.bytes.slice().buffer);
            assert.ok(
              values.every((value) => value === step),
              `${name} at step ${step} is of another step`,
            );
          }
          assert.equal(json, { parts: { input: { position: step } } });
          assert.is(globalStep, step);
          await lastValueFrom(writer.retain().pipe(toArray()));
        }
        assert.is(readdirSync(path).filter((name) => name.endsWith(format.marker)).length, 2);
      },
      { format, retention: keepLatest(2) },
    );
  });
}

test('tells each tenth of the tensors that is written, lastly all of them, then the checkpoint', async () => {
  await withWriter(async ({ writer }) => {
    const sizes = async (elements: number, step: number): Promise<readonly number[]> => {
      const copy = taken(writer, stateOf(step, [['w', makeTensor('float32', [elements], new Float32Array(elements))]]));
      const reports = await lastValueFrom(copy.write().pipe(toArray()));
      copy.release();
      assert.is(copy.sizeBytes, elements * 4 + 8);
      assert.ok(isSaved(reports.at(-1) as Checkpoint));
      return reports.slice(0, -1).map((report) => (isSaved(report) ? Number.NaN : report.writtenBytes));
    };
    const many = await sizes(10 << 20, 1);
    assert.is(many.length, 10);
    for (const [i, bytes] of many.entries()) assert.is(Math.floor((10 * bytes) / (40 << 20)), i + 1, many.join());
    assert.is(many.at(-1), (40 << 20) + 8);
    assert.is((await sizes(10, 2)).length, 1);
  });
});

test('writes the same bytes as a save in this thread, texts too', async () => {
  const wallClock = () => 1_700_000_000_000;
  const state = stateOf(3, [
    ['model/names', makeStringTensor([2], ['déjà', 'vu'])],
    ['model/kernel', makeTensor('float32', [2, 3], new Float32Array([1, 2, 3, 4, 5, 6]))],
    ['model/flags', makeTensor('uint8', [3], new Uint8Array([1, 0, 1]))],
    ['model/empty', makeTensor('float32', [0, 3], new Float32Array(0))],
  ]);
  await withWriter(
    async ({ path, writer }) => {
      const sync = temporaryFolder();
      const open = answerOf(storeSaver(fileStore(sync.path), { wallClock }).open());
      answerOf(open.save(state, new Map([['loss', 0.25]])));
      open.close();
      const copy = answerOf(writer.take(state, new Map([['loss', 0.25]])));
      assert.is(copy.sizeBytes, 8 + 24 + 3 + 5);
      await lastValueFrom(copy.write());
      const names = readdirSync(sync.path).filter((name) => !name.endsWith('.lock'));
      assert.ok(names.length >= 4, names.join());
      for (const name of names)
        assert.equal(readFileSync(`${path}/${name}`), readFileSync(`${sync.path}/${name}`), name);
      sync.dispose();
    },
    { wallClock },
  );
});

test('takes up a state that changes its shape between two saves', async () => {
  await withWriter(async ({ path, writer }) => {
    for (const [step, size] of [10, 1000, 3, 1000].entries()) {
      const values = new Float32Array(size).fill(step);
      const copy = taken(writer, stateOf(step, [['model/w', makeTensor('float32', [size], values)]]));
      await lastValueFrom(copy.write());
      copy.release();
      const report = answerOf(verifyCheckpoint(fileStore(path), `model.ckpt-${step}`));
      assert.ok(report.isValid);
      const read = answerOf(readCheckpoint(fileStore(path), `model.ckpt-${step}`));
      assert.equal(read.entries.find(({ name }) => name === 'model/w')?.shape, [size]);
      read.close();
    }
  });
});

test('holds at most two copies, and refuses a third', async () => {
  await withWriter(async ({ writer }) => {
    const state = stateOf(1, []);
    const [first] = [taken(writer, state), taken(writer, state)];
    assert.throws(() => taken(writer, state), /expected at most 2 snapshots to be held/);
    first?.release();
    assert.ok(taken(writer, state));
  });
});

test('refuses a state with NaN and names the tensor; what was saved stays the newest', async () => {
  await withWriter(
    async ({ path, writer }) => {
      const save = async (step: number, value: number): Promise<void> => {
        const copy = taken(
          writer,
          stateOf(step, [['model/w', makeTensor('float32', [2], new Float32Array([1, value]))]]),
        );
        try {
          await lastValueFrom(copy.write());
        } finally {
          copy.release();
        }
      };
      await save(1, 2);
      const error = await failureOf(save(2, Number.NaN));
      assert.instance(error, NonFiniteStateError);
      assert.is((error as NonFiniteStateError).tensor, 'model/w');
      assert.is((error as NonFiniteStateError).globalStep, 2);
      assert.ok(!readdirSync(path).some((name) => name.includes('ckpt-2') || name.endsWith('.tmp')));
      await save(3, 4);
      assert.match(readFileSync(`${path}/checkpoint`, 'utf8'), 'model_checkpoint_path: "model.ckpt-3"');
    },
    { refuseNonFinite: true, verifyWrites: true },
  );
});

test('an error of the storage, or of the format, arrives as what it is', async () => {
  await withWriter(async ({ path, writer }) => {
    rmSync(path, { recursive: true });
    const copy = taken(writer, stateOf(1, []));
    const error = await failureOf(lastValueFrom(copy.write()));
    assert.instance(error, StorageError);
    assert.is((error as StorageError).code, 'STORAGE_FOLDER_GONE');
  });
  await withWriter(
    async ({ writer }) => {
      const copy = taken(writer, stateOf(1, [['model/names', makeStringTensor([1], ['x'])]]));
      assert.instance(await failureOf(lastValueFrom(copy.write())), UnsupportedDataError);
    },
    { format: safetensors() },
  );
});

test('refuses JSON that would come back as another, and names the hook and the place', async () => {
  await withWriter(async ({ writer }) => {
    const state = { ...stateOf(1, []), json: { parts: { 'hook/early': { best: [{ at: () => 0 }] } } } as never };
    try {
      taken(writer, state);
      assert.unreachable('expected a failure');
    } catch (error) {
      assert.instance(error, UnsavableStateError);
      assert.match((error as Error).message, 'hook "early": its state cannot be saved (a function at .best[0].at)');
    }
  });
});

test('memory that was made ready beforehand takes the first copy as it is', async () => {
  await withWriter(async ({ path, writer }) => {
    const state = stateOf(3, [['model/w', makeTensor('float32', [1000], new Float32Array(1000).fill(3))]]);
    writer.prepare(state);
    writer.prepare(state);
    const copy = taken(writer, state);
    await lastValueFrom(copy.write());
    copy.release();
    const report = answerOf(verifyCheckpoint(fileStore(path), 'model.ckpt-3'));
    assert.ok(report.isValid);
    // Another shape than was expected is no fault.
    const other = taken(writer, stateOf(4, [['model/w', makeTensor('float32', [3000], new Float32Array(3000))]]));
    await lastValueFrom(other.write());
    assert.ok(answerOf(verifyCheckpoint(fileStore(path), 'model.ckpt-4')).isValid);
  });
});

test('a write that is given up leaves nothing, and another can follow', async () => {
  await withWriter(async ({ path, writer }) => {
    const large = makeTensor('float32', [16_000_000], new Float32Array(16_000_000));
    const copy = taken(writer, stateOf(1, [['model/w', large]]));
    const subscription = copy.write().subscribe((report) => assert.not(isSaved(report), 'it was given up'));
    await untilWriting(path);
    subscription.unsubscribe();
    copy.release();
    const next = taken(writer, stateOf(2, []));
    await lastValueFrom(next.write());
    assert.equal(
      readdirSync(path).filter((name) => name.endsWith('.tmp') || name.endsWith('.index')),
      ['model.ckpt-2.index'],
    );
  });
});

test('closing in the middle of a write undoes it before it returns, and lets go of the folder', async () => {
  await withWriter(async ({ path, writer }) => {
    const large = makeTensor('float32', [16_000_000], new Float32Array(16_000_000));
    const subscriptions: Subscription[] = [
      taken(writer, stateOf(1, [['model/w', large]]))
        .write()
        .subscribe({ next: (report) => assert.not(isSaved(report), 'it was given up'), error: () => {} }),
    ];
    await untilWriting(path);
    assert.throws(
      () => answerOf(fileStore(path).lock()),
      (error: unknown) => error instanceof StoreInUseError,
    );
    for (const subscription of subscriptions) subscription.unsubscribe();
    writer.close();
    assert.equal(
      readdirSync(path).filter((name) => name.endsWith('.tmp') || name.startsWith('model')),
      [],
    );
    answerOf(fileStore(path).lock()).release();
  });
});

test('a folder in use is refused before a thread is started', async () => {
  await withWriter(async ({ path }) => {
    const { openBackground } = storeSaver(fileStore(path));
    assert.instance(await failureOf(firstValueFrom(openBackground?.(1) ?? EMPTY)), StoreInUseError);
  });
});

test('there is no background for stores that a thread cannot open, and for unknown formats', () => {
  assert.is(storeSaver(memoryStore()).openBackground, undefined);
  const odd = { ...tensorBundle(), name: 'odd' };
  assert.is(storeSaver(fileStore('/nowhere'), { format: odd }).openBackground, undefined);
});

/** When the first bytes of a checkpoint are on their way. */
async function untilWriting(path: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline && !readdirSync(path).some((name) => name.endsWith('.tmp')))
    await new Promise((resolve) => setTimeout(resolve, 1));
}

test.run();
