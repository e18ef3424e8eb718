import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tensorBundle } from '../../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../../lib/checkpoint/read-checkpoint.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { crc32c } from '../../../lib/format/crc32c.js';
import type { CheckpointStore } from '../../../lib/store/checkpoint-store.js';
import { nativeCrc32c } from '../../../lib/store/file/native-crc32c.js';
import { fileStore } from '../../../lib/store/file-store.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { temporaryFolder } from '../temporary-folder.js';

const test = suite('nativeCrc32c');
const folder = temporaryFolder();
const data = Uint8Array.from({ length: 100_003 }, (_, at) => (at * 7919) >>> 3);

test.after(() => folder.dispose());

test('computes what ours does, from any start', () => {
  const native = nativeCrc32c();
  assert.ok(native, 'the package is among the development dependencies');
  for (const [from, to] of [
    [0, 0],
    [1, 2],
    [3, 100_000],
    [0, 100_003],
  ]) {
    assert.is(native(data.subarray(from, to)), crc32c(data.subarray(from, to)));
    assert.is(native(data.subarray(from, to), 77), crc32c(data.subarray(from, to), 77));
  }
});

test('a file store offers it, and saving and restoring use it unless the format was given another', () => {
  let calls = 0;
  const counted: CheckpointStore['crc32c'] = (bytes, seed) => {
    calls++;
    return crc32c(bytes, seed);
  };
  const store: CheckpointStore = { ...fileStore(folder.path), crc32c: counted };
  assert.is(fileStore(folder.path).crc32c, nativeCrc32c());
  const tensors = new Map([['w', makeTensor('uint8', [data.length], data)]]);
  const save = (globalStep: number, format = tensorBundle()): void => {
    const open = answerOf(storeSaver(store, { format }).open());
    answerOf(
      open.startFrom(
        globalStep === 1 ? undefined : { prefix: 'model.ckpt-1', location: store.location, globalStep: 1, skipped: [] },
      ),
    );
    answerOf(open.save({ globalStep, tensors, json: { parts: {} } }, new Map()));
    open.close();
  };
  save(1);
  assert.ok(calls > 0, 'the store’s checksum was not used for the save');
  calls = 0;
  const checkpoint = answerOf(readCheckpoint(store, 'model.ckpt-1'));
  assert.equal(checkpoint.read('w'), tensors.get('w'));
  checkpoint.close();
  assert.ok(calls > 0, 'the store’s checksum was not used for reading');
  calls = 0;
  save(2, tensorBundle({ crc32c }));
  assert.is(calls, 0);
});

test.run();
