import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { type StoreSaverOptions, storeSaver } from '../../lib/checkpoint/store-saver.js';
import { type CheckpointReport, verifyCheckpoint } from '../../lib/checkpoint/verify-checkpoint.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../lib/error/truncated-data-error.js';
import { UnsupportedDataError } from '../../lib/error/unsupported-data-error.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import type { FileSystem } from '../../lib/store/file-system.js';
import { int64Scalar, makeTensor } from '../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import { firstDifference } from '../../lib/testing/first-difference.js';
import { counted, times } from '../faults/soak.js';
import { ScratchFolder } from './scratch-folder.js';

const test = suite('verifyCheckpoint');
const PREFIX = 'model.ckpt-7';
const NO_METRICS = new Map<string, number>();
/** The first element of each tensor, by which its bytes are found. */
const MARKS = { 'model/a': 0x11, 'model/b': 0x22, 'model/c': 0x33 } as const;

function stateOf(globalStep: number): StateSnapshot {
  const tensors = new Map([['global_step', int64Scalar(globalStep)]]);
  for (const [name, mark] of Object.entries(MARKS)) {
    tensors.set(name, makeTensor('uint8', [4, 8], new Uint8Array(32).fill(mark)));
  }
  return { globalStep, tensors, json: { parts: { input: { position: 3 } } } };
}

function save(store: CheckpointStore, globalStep: number, options: StoreSaverOptions): void {
  const saver = answerOf(storeSaver(store, options).open());
  try {
    answerOf(saver.save(stateOf(globalStep), NO_METRICS));
  } finally {
    saver.close();
  }
}

function saved(format: CheckpointFormat): ScratchFolder {
  const folder = new ScratchFolder();
  save(folder.store, 7, { format });
  return folder;
}

const report = (folder: ScratchFolder): CheckpointReport => answerOf(verifyCheckpoint(folder.reopen(), PREFIX));

function failureOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The file that holds the elements. */
const dataOf = (folder: ScratchFolder): string =>
  folder.names().find((name) => name.includes('.data-') || name.endsWith('.safetensors')) ?? '';

for (const format of [tensorBundle(), safetensors()]) {
  test(`all is well with what was just saved: ${format.name}`, () => {
    const found = report(saved(format));
    assert.ok(found.isValid);
    assert.equal(found.faults, []);
    for (const name of Object.keys(MARKS)) assert.ok(found.tensors.some((tensor) => tensor.name === name));
    assert.is(found.prefix, PREFIX);
  });

  for (const [name, mark] of Object.entries(MARKS)) {
    test(`tells a damaged tensor by name, and not the others: ${name} in ${format.name}`, () => {
      const folder = saved(format);
      const data = dataOf(folder);
      const place = folder.read(data).findIndex((_, at, bytes) => bytes.subarray(at, at + 32).every((b) => b === mark));
      assert.ok(place >= 0);
      folder.damage(data, place + 9);
      const { tensors, faults, isValid } = report(folder);
      assert.is(isValid, false);
      assert.equal(
        tensors.filter(({ fault }) => fault !== undefined).map((tensor) => tensor.name),
        [name],
      );
      assert.is(faults.length, 1);
      assert.instance(faults[0]?.fault, CorruptDataError);
      assert.is(tensors.length, 4 + (tensors.some((tensor) => tensor.name?.startsWith('_')) ? 1 : 0));
    });
  }

  test(`two damaged tensors are both told: ${format.name}`, () => {
    const folder = saved(format);
    const data = dataOf(folder);
    for (const mark of [MARKS['model/a'], MARKS['model/c']]) {
      folder.damage(
        data,
        folder.read(data).findIndex((_, at, bytes) => bytes.subarray(at, at + 30).every((b) => b === mark)),
      );
    }
    const { tensors, isValid } = report(folder);
    assert.is(isValid, false);
    const damaged = tensors.filter(({ fault }) => fault !== undefined).map(({ name }) => name);
    assert.equal(damaged.sort(), ['model/a', 'model/c']);
  });

  test(`no bit of any file can be flipped unseen: ${format.name}`, () => {
    const whole = saved(format);
    const names = whole.names().filter((name) => name !== 'checkpoint');
    assert.ok(names.length >= 2, names.join());
    const content = contentOf(whole);
    let [told, refused, meaningless] = [0, 0, 0];
    for (const name of names) {
      const original = whole.read(name);
      const stride = times(Math.ceil(original.length / 120), 1);
      for (let at = 0; at < original.length; at += stride) {
        const bytes = original.slice();
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        whole.put(name, bytes);
        let found: CheckpointReport | undefined;
        const failure = failureOf(() => {
          found = report(whole);
        });
        if (failure !== undefined) {
          const isOfData = [CorruptDataError, TruncatedDataError, UnsupportedDataError].some(
            (type) => failure instanceof type,
          );
          assert.ok(isOfData, `${name} byte ${at}: ${failure}`);
          refused++;
        } else {
          if (found?.isValid === false) {
            told++;
            continue;
          }
          // Such as the padding of a table's footer, which no checksum covers and nobody reads.
          assert.is(firstDifference(contentOf(whole), content), undefined, `${name} byte ${at} was flipped unseen`);
          meaningless++;
        }
      }
      whole.put(name, original);
    }
    assert.ok(report(whole).isValid);
    counted(`flipped bits of ${format.name}`, { told, refused, 'without a meaning': meaningless, unseen: 0 });
  });

  test(`no file can end early unseen: ${format.name}`, () => {
    const whole = saved(format);
    for (const name of whole.names().filter((name) => name !== 'checkpoint')) {
      const original = whole.read(name);
      // The side file ends with a line break that says nothing.
      for (const length of [0, 1, original.length >> 1, original.length - 2]) {
        whole.put(name, original.subarray(0, length));
        let isValid: boolean | undefined;
        const failure = failureOf(() => {
          isValid = report(whole).isValid;
        });
        assert.ok(failure !== undefined || isValid === false, `${name} with ${length} bytes`);
      }
      whole.put(name, original);
    }
  });

  test(`a checkpoint that is not there is told as such: ${format.name}`, () => {
    const folder = saved(format);
    const error = failureOf(() => answerOf(verifyCheckpoint(folder.store, 'model.ckpt-8')));
    assert.instance(error, CheckpointNotFoundError);
  });

  test(`leaves no file open, damaged or not: ${format.name}`, () => {
    const folder = saved(format);
    report(folder);
    folder.damage(dataOf(folder));
    failureOf(() => report(folder));
    assert.is(folder.fs.openCount(), 0);
  });

  test(`a save that arrives damaged is refused when it is read back, and set aside: ${format.name}`, () => {
    const folder = saved(format);
    const before = folder.names();
    let flips = 0;
    // A disk, or a cable, that flips a bit in the elements of one tensor on their way.
    const fileSystem: FileSystem = {
      ...folder.fs,
      write(file, bytes) {
        const place = bytes.findIndex((_, at) => bytes.subarray(at, at + 20).every((b) => b === MARKS['model/b']));
        if (place < 0 || bytes.length < 20) return folder.fs.write(file, bytes);
        flips++;
        const wrong = bytes.slice();
        wrong[place + 3] = (wrong[place + 3] ?? 0) ^ 4;
        return folder.fs.write(file, wrong);
      },
    };
    const store = fileStore('/run', { fileSystem, processes: fakeProcessTable() });
    const saver = answerOf(storeSaver(store, { format, verifyWrites: true }).open());
    const restored = answerOf(latestFrom(folder.store, { logger: silentLogger }).load())?.from;
    answerOf(saver.startFrom(restored));
    const error = failureOf(() => answerOf(saver.save(stateOf(8), NO_METRICS)));
    saver.close();
    assert.is(flips, 1);
    assert.instance(error, CorruptDataError);
    assert.match((error as Error).message, 'read back after the save, tensor "model/b" is damaged');
    assert.instance((error as Error).cause, CorruptDataError);
    // What was saved before is as it was, and the newest; the damaged one is kept aside, and no checkpoint any more.
    const aside = folder.names().filter((name) => !before.includes(name));
    assert.ok(aside.length > 0, 'it was deleted');
    assert.ok(
      aside.every((name) => name.includes('model.ckpt-8') && !name.endsWith(format.marker)),
      aside.join(),
    );
    assert.ok(report(folder).isValid);
    const newest = answerOf(latestFrom(folder.reopen(), { logger: silentLogger }).load());
    assert.is(newest?.from.prefix, PREFIX);
    assert.equal(newest?.from.skipped, []);
    // Without the option the same fault is found by who restores.
    const other = new ScratchFolder();
    const unverified = fileStore('/run', {
      fileSystem: { ...other.fs, write: (file, bytes) => other.fs.write(file, flipped(bytes)) },
      processes: fakeProcessTable(),
    });
    save(unverified, 7, { format });
    assert.is(report(other).isValid, false);
  });

  test(`after a save that was set aside the same step can be saved again: ${format.name}`, () => {
    const folder = new ScratchFolder();
    let isFaulty = true;
    const fileSystem: FileSystem = {
      ...folder.fs,
      write: (file, bytes) => folder.fs.write(file, isFaulty ? flipped(bytes) : bytes),
    };
    const store = fileStore('/run', { fileSystem, processes: fakeProcessTable() });
    const saver = answerOf(storeSaver(store, { format, verifyWrites: true }).open());
    assert.instance(
      failureOf(() => answerOf(saver.save(stateOf(7), NO_METRICS))),
      CorruptDataError,
    );
    isFaulty = false;
    answerOf(saver.save(stateOf(7), NO_METRICS));
    saver.close();
    assert.ok(report(folder).isValid);
  });
}

function contentOf(folder: ScratchFolder): unknown {
  const read = answerOf(readCheckpoint(folder.reopen(), PREFIX));
  const { record, entries } = read;
  const content = { snapshot: read.snapshot(), record, entries };
  read.close();
  return structuredClone(content);
}

/** The bytes with a wrong one among the elements of a tensor, if they hold it. */
function flipped(bytes: Uint8Array): Uint8Array {
  const place = bytes.findIndex((_, at) => bytes.subarray(at, at + 20).every((b) => b === MARKS['model/b']));
  if (place < 0 || bytes.length < 20) return bytes;
  const wrong = bytes.slice();
  wrong[place + 3] = (wrong[place + 3] ?? 0) ^ 4;
  return wrong;
}

test.run();
