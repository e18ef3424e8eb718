import type { Observable } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../lib/error/coded-error.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import { nodeFileSystem } from '../../lib/store/node-file-system.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { crashStates } from '../../lib/testing/crash/crash-states.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import { type FaultPlan, type FileFault, faultyFileSystem } from '../../lib/testing/crash/faulty-file-system.js';
import { type MemoryFileSystem, memoryFileSystem } from '../../lib/testing/crash/memory-file-system.js';
import { counted } from '../faults/soak.js';
import { checkpointFiles, verifyCheckpoint } from '../testing/crash/checkpoint-files.js';
import { temporaryFolder } from './temporary-folder.js';

const test = suite('fileStore on a failing disk');
let allCases = 0;
const markers = ['.index'];
const faults: readonly FileFault[] = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE', 'SHORT'];
const processes = fakeProcessTable();
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is tried while the disk fails; each must leave the checkpoints `old` and `older` as they are. */
const operations: Readonly<Record<string, (store: CheckpointStore) => Observable<unknown>>> = {
  lock: (store) => store.lock(),
  write: (store) => store.write('new', checkpointFiles('new')),
  writeState: (store) => store.writeState(encode('the new state')),
  readState: (store) => store.readState(),
  list: (store) => store.list(markers),
  open: (store) => store.open('old'),
  remove: (store) => store.remove(['given up'], markers),
  quarantine: (store) => store.quarantine('given up', markers),
};

for (const [name, operation] of Object.entries(operations)) {
  test(`harms nothing and works again, whichever step of ${name} fails with whatever fault`, () => {
    let cases = 0;
    for (const fault of faults) {
      for (const isLasting of [false, true]) {
        for (const isDone of fault === 'EIO' ? [false, true] : [false]) {
          for (let at = 1; tryFault(name, operation, { at, fault, isLasting, isDone }); at++) cases++;
        }
      }
    }
    assert.ok(cases >= 11, `${cases} cases`);
    allCases += cases;
  });
}

/** Returns false if the operation was over before the fault. */
function tryFault(name: string, operation: (store: CheckpointStore) => Observable<unknown>, plan: FaultPlan): boolean {
  const what = `${name} ${JSON.stringify(plan)}`;
  const memory = memoryFileSystem();
  const healthy = fileStore('/run', { fileSystem: memory, processes });
  for (const prefix of ['older', 'old', 'given up']) answerOf(healthy.write(prefix, checkpointFiles(prefix)));
  answerOf(healthy.writeState(encode('the old state')));

  const faulty = faultyFileSystem(memory, plan);
  const failing = fileStore('/run', { fileSystem: faulty, processes, isFolderRequired: true });
  const result = resultOf(operation(failing));
  if (faulty.count() < plan.at) return false;

  const isFailure = result instanceof Error;
  if (isFailure) assert.instance(result, CodedError, what);
  if (plan.fault === 'SHORT') assert.not.ok(isFailure, what);
  if (plan.fault === 'EMFILE' && !plan.isLasting)
    assert.not.ok(isFailure, `${what}: a passing fault is not waited for`);
  if (plan.fault === 'EMFILE' && isFailure) assert.match((result as CodedError).hint ?? '', 'ulimit -n', what);
  if (!isFailure && name === 'write') verify(healthy, 'new', what);
  if (isFailure && name === 'write' && !plan.isLasting) assert.not.ok(isListed(healthy, 'new'), `${what}: it is there`);
  if (hasClose(result)) result.close();
  if (hasRelease(result)) result.release();
  assert.is(memory.openCount(), 0, `${what}: files stay open`);

  checkOld(memory, healthy, what);
  for (const image of crashStates(memory.base, memory.log, { maxStates: 40 })) {
    const crashed = memoryFileSystem(image);
    checkOld(crashed, fileStore('/run', { fileSystem: crashed, processes }), `${what}, then a crash`);
  }

  // The disk is well again; a checkpoint that could not be taken back is there whole.
  if (isListed(healthy, 'new')) verify(healthy, 'new', what);
  else answerOf(healthy.write('new', checkpointFiles('new')));
  answerOf(healthy.write('newer', checkpointFiles('newer')));
  verify(healthy, 'newer', what);
  answerOf(healthy.lock()).release();
  return true;
}

function checkOld(fs: MemoryFileSystem, store: CheckpointStore, what: string): void {
  for (const prefix of answerOf(store.list(markers))) verify(store, prefix, what);
  for (const prefix of ['older', 'old']) verify(store, prefix, what);
  const state = new TextDecoder().decode(answerOf(store.readState()));
  assert.match(state, /^the (old|new) state$/, what);
  assert.is(fs.openCount(), 0, what);
}

function verify(store: CheckpointStore, prefix: string, what: string): void {
  const opened = answerOf(store.open(prefix));
  try {
    verifyCheckpoint(opened);
  } catch (error) {
    assert.unreachable(`${what}: ${prefix}: ${error}`);
  } finally {
    opened.close();
  }
}

function isListed(store: CheckpointStore, prefix: string): boolean {
  return answerOf(store.list(markers)).includes(prefix);
}

function resultOf(answer: Observable<unknown>): unknown {
  try {
    return answerOf(answer);
  } catch (error) {
    return error;
  }
}

function hasClose(value: unknown): value is { close(): void } {
  return typeof value === 'object' && value !== null && 'close' in value;
}

function hasRelease(value: unknown): value is { release(): void } {
  return typeof value === 'object' && value !== null && 'release' in value;
}

test('leaves a real folder as it was, whichever step of a write fails', () => {
  const { path, dispose } = temporaryFolder();
  try {
    const store = fileStore(path);
    answerOf(store.write('old', checkpointFiles('old')));
    for (let at = 1; ; at++) {
      const faulty = faultyFileSystem(nodeFileSystem, { at, fault: 'EIO' });
      const result = resultOf(fileStore(path, { fileSystem: faulty }).write('new', checkpointFiles('new')));
      if (faulty.count() < at) break;
      assert.instance(result, CodedError);
      assert.equal(nodeFileSystem.readdir(path).sort(), ['old.data-00000-of-00001', 'old.index']);
      verify(store, 'old', `step ${at}`);
    }
  } finally {
    dispose();
  }
});

test.after(() => counted('operations of the store that fail', { faults: allCases, violations: 0 }));

test.run();
