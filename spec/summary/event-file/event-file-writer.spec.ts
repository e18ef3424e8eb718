import { readdirSync, readFileSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StorageError } from '../../../lib/error/storage-error.js';
import { StoreInUseError } from '../../../lib/error/store-in-use-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { readEvents } from '../../../lib/format/event/read-events.js';
import { fileStore } from '../../../lib/store/file-store.js';
import type { FileSystem } from '../../../lib/store/file-system.js';
import { nodeFileSystem } from '../../../lib/store/node-file-system.js';
import { type EventFileWriterOptions, eventFileWriter } from '../../../lib/summary/event-file/event-file-writer.js';
import type { SummaryBatch } from '../../../lib/summary/summary-sink.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { fakeProcessTable } from '../../../lib/testing/crash/fake-process-table.js';
import { type FileFault, faultyFileSystem } from '../../../lib/testing/crash/faulty-file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { summarySinkLaws } from '../../../lib/testing/summary-sink-laws.js';
import { temporaryFolder } from '../../store/temporary-folder.js';
import { scalarsIn, viewOf } from '../read-scalars.js';
import { runOf } from '../run-of.js';

const test = suite('eventFileWriter');
const processes = fakeProcessTable();
const SECONDS = 1_700_000_000;
const wallClock = (): number => SECONDS * 1000;

const scalars = (values: Readonly<Record<string, number>>): SummaryBatch => ({
  scalars: new Map(Object.entries(values)),
  values: [],
});

function filesIn(fs: FileSystem, folder: string): [name: string, bytes: Uint8Array][] {
  return fs
    .readdir(folder)
    .filter((name) => name.includes('tfevents'))
    .sort()
    .map((name) => {
      const file = fs.openRead(`${folder}/${name}`);
      const bytes = new Uint8Array(fs.sizeOf(file) ?? 0);
      fs.read(file, bytes, 0);
      fs.close(file);
      return [name, bytes];
    });
}

const bytesIn = (fs: FileSystem, folder = '/logs'): Uint8Array[] => filesIn(fs, folder).map(([, bytes]) => bytes);
const writerOn = (fileSystem: FileSystem, options: EventFileWriterOptions = {}) =>
  eventFileWriter('/logs', { fileSystem, processes, wallClock, ...options });

summarySinkLaws({
  test,
  factory() {
    const fs = memoryFileSystem();
    let isFailing = false;
    const write = (file: number, bytes: Uint8Array): number => {
      if (isFailing) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return fs.write(file, bytes);
    };
    return {
      sink: writerOn({ ...fs, write }),
      read: () => scalarsIn(viewOf(bytesIn(fs), { tail: 'refuse' })),
      setFailing: (value) => {
        isFailing = value;
      },
    };
  },
});

test('begins a file with its version and its writer, and with the step from which the run goes on, at once', () => {
  const fs = memoryFileSystem();
  const open = writerOn(fs).open(runOf());
  const [[name, bytes] = ['', new Uint8Array()]] = filesIn(fs, '/logs');
  assert.is(name, `events.out.tfevents.${SECONDS}.here.100.0.v2`);
  assert.equal(
    [...readEvents(bytesSource(name, bytes))].map(({ event }) => event),
    [
      {
        type: 'fileVersion',
        fileVersion: 'brain.Event:2',
        wallTime: SECONDS,
        step: 0,
        sourceWriter: 'tidemark.summary',
      },
    ],
  );
  open.start(41, 1);
  const events = [...readEvents(bytesSource(name, bytesIn(fs)[0] as Uint8Array))].map(({ event }) => event);
  assert.equal(events[1], {
    type: 'sessionLog',
    status: 'start',
    checkpointPath: '',
    message: '',
    wallTime: SECONDS,
    step: 42,
  });
});

test('names files so that later ones sort behind, also within a second and when the clock is set back', () => {
  const fs = memoryFileSystem();
  for (const seconds of [SECONDS, SECONDS, SECONDS - 5000, SECONDS + 9, SECONDS + 9]) {
    writerOn(fs, { wallClock: () => seconds * 1000 })
      .open(runOf())
      .close();
  }
  const made = fs.log.flatMap((act) => (act.type === 'create' && act.name.includes('tfevents') ? [act.name] : []));
  assert.is(made.length, 5);
  assert.equal([...made].sort(), made);
  assert.equal(
    made.map((name) => Number(name.split('.')[3]) - SECONDS),
    [0, 1, 2, 9, 10],
  );
});

test('writes when enough is kept, when it was kept for long enough, when it is told to, and at the close', () => {
  const fs = memoryFileSystem();
  const run = runOf();
  const open = writerOn(fs, { flushBytes: 500, flushSeconds: 2 }).open(run);
  const size = (): number => bytesIn(fs)[0]?.length ?? 0;
  const first = size();
  open.write(1, scalars({ a: 1 }));
  assert.is(size(), first);
  for (let step = 2; step < 20; step++) open.write(step, scalars({ a: step }));
  assert.ok(size() >= first + 500);
  open.flush();
  const flushed = size();
  open.write(20, scalars({ a: 20 }));
  assert.is(size(), flushed);
  run.scheduler.maxFrames = 1999;
  run.scheduler.flush();
  assert.is(size(), flushed);
  run.scheduler.maxFrames = 2000;
  run.scheduler.flush();
  assert.ok(size() > flushed);
  assert.is(run.scheduler.actions.length, 0);
  const timed = size();
  open.write(21, scalars({ a: 21 }));
  open.close();
  assert.ok(size() > timed);
  assert.is(scalarsIn(viewOf(bytesIn(fs))).get('a')?.length, 21);
  assert.is(fs.openCount(), 0);
});

test('goes on where a write of which half was taken left off, whichever write that is', () => {
  for (const fault of ['SHORT', 'ENOSPC', 'EIO'] as const) {
    for (const isDone of fault === 'SHORT' ? [false] : [false, true]) {
      let at = 1;
      for (let hasFaulted = true; hasFaulted; at++) {
        const fs = memoryFileSystem();
        const faulty = faultyFileSystem(fs, { at, fault, isDone });
        const { faults } = writeRun(faulty);
        hasFaulted = faulty.count() >= at;
        const where = `${fault} at operation ${at}${isDone ? ', done' : ''}`;
        assert.equal(scalarsIn(viewOf(bytesIn(fs), { tail: 'refuse' })).get('a'), expected(40), where);
        assert.ok(faults.length <= 1, where);
        assert.is(fs.openCount(), 0, where);
      }
      assert.ok(at > 20, `${fault}: ${at} operations`);
    }
  }
});

test('keeps whole records and no more than its buffer while the disk is full, and counts what it drops', () => {
  const fs = memoryFileSystem();
  let left = 1000;
  let writes = 0;
  const write = (file: number, bytes: Uint8Array): number => {
    writes++;
    if (left === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    // As a disk does that is nearly full.
    const count = fs.write(file, bytes.subarray(0, left));
    left -= count;
    return count;
  };
  const run = runOf();
  const open = writerOn({ ...fs, write }, { maxBufferedBytes: 4000, flushBytes: 200 }).open(run);
  open.start(0, 1);
  for (let step = 1; step <= 1000; step++) open.write(step, scalars({ a: step }));
  const kept = open.droppedValues;
  assert.ok(kept > 800 && kept < 1000, `${kept} dropped`);
  assert.ok(writes < 20, `${writes} writes: a full disk is not to be tried at every step`);
  assert.is(run.faults.length, 1);
  assert.instance(run.faults[0]?.error, StorageError);
  assert.is((run.faults[0]?.error as StorageError | undefined)?.code, 'STORAGE_NO_SPACE');
  assert.is(run.logger.lines.length, 1);

  left = 1e9;
  run.scheduler.maxFrames = 2000;
  run.scheduler.flush();
  open.write(1001, scalars({ a: 1001 }));
  open.close();
  const points = scalarsIn(viewOf(bytesIn(fs), { tail: 'refuse' })).get('a') ?? [];
  assert.is(points.length, 1001 - kept);
  assert.equal(points, [...expected(1000 - kept), [1001, 1001]]);
  assert.is(bytesIn(fs).length, 1);
  assert.is(run.faults.at(-1)?.droppedValues, kept);
});

test('never lets training fail for a disk that is full from the beginning', () => {
  for (const fault of ['ENOSPC', 'EIO', 'EROFS', 'EMFILE'] as FileFault[]) {
    const fs = memoryFileSystem();
    const { faults, dropped } = writeRun(faultyFileSystem(fs, { at: 1, fault, isLasting: true }));
    assert.is(faults.length, 2, fault);
    assert.is(dropped, 41, fault);
  }
});

test('goes on in a new file when its own was cut, replaced by a shorter one, or removed', () => {
  const disturbances: [disturb: (path: string) => void, files: number][] = [
    [(path) => truncateSync(path, 70), 2],
    [(path) => unlinkSync(path), 1],
  ];
  for (const [disturb, files] of disturbances) {
    const { path, dispose } = temporaryFolder();
    try {
      const run = runOf();
      let isFailing = false;
      const open = eventFileWriter(path, { wallClock, fileSystem: failingWhen(() => isFailing) }).open(run);
      open.start(0, 1);
      open.write(1, scalars({ a: 1 }));
      open.flush();
      const [first = ''] = readdirSync(path).filter((name) => name.includes('tfevents'));
      isFailing = true;
      open.write(2, scalars({ a: 2 }));
      open.flush();
      disturb(join(path, first));
      isFailing = false;
      run.scheduler.maxFrames = 2000;
      run.scheduler.flush();
      open.write(3, scalars({ a: 3 }));
      open.close();
      const names = readdirSync(path)
        .filter((name) => name.includes('tfevents'))
        .sort();
      const bytes = names.map((name) => new Uint8Array(readFileSync(join(path, name))));
      assert.equal(scalarsIn(viewOf(bytes)).get('a')?.slice(-2), [
        [2, 2],
        [3, 3],
      ]);
      assert.is(names.length, files);
    } finally {
      dispose();
    }
  }
});

test('has one writer at a time, also of another process, and lies beside checkpoints', () => {
  const { path, dispose } = temporaryFolder();
  try {
    const lock = answerOf(fileStore(path).lock());
    const one = eventFileWriter(path).open(runOf());
    let error: unknown;
    try {
      eventFileWriter(path).open(runOf());
    } catch (caught) {
      error = caught;
    }
    assert.instance(error, StoreInUseError);
    assert.is((error as StoreInUseError).holder?.pid, process.pid);
    one.close();
    eventFileWriter(path).open(runOf()).close();
    lock.release();
  } finally {
    dispose();
  }
});

test('refuses a path that is a file', () => {
  const { path, dispose } = temporaryFolder();
  try {
    writeFileSync(join(path, 'file'), 'text');
    for (const wrong of ['file', 'file/below']) {
      let error: unknown;
      try {
        eventFileWriter(join(path, wrong)).open(runOf());
      } catch (caught) {
        error = caught;
      }
      assert.is((error as StorageError).code, 'STORAGE_NOT_A_FOLDER', String(error));
    }
    assert.ok(statSync(join(path, 'file')).isFile());
  } finally {
    dispose();
  }
});

test('refuses wrong arguments', () => {
  for (const wrong of ['', 'a\0b', 5, undefined]) {
    assert.throws(() => eventFileWriter(wrong as never), /^eventFileWriter\(directory\): expected a path/);
  }
  assert.throws(() => eventFileWriter('logs', { suffix: '/x' }), /^eventFileWriter\(suffix\)/);
  assert.throws(() => eventFileWriter('logs', { flushSeconds: 0 }), /^eventFileWriter\(flushSeconds\)/);
  assert.throws(() => eventFileWriter('logs', { flushSeconds: Number.NaN }), /^eventFileWriter\(flushSeconds\)/);
  assert.throws(() => eventFileWriter('logs', { flushBytes: 0 }), /^eventFileWriter\(flushBytes\)/);
  assert.throws(() => eventFileWriter('logs', { maxBufferedBytes: -1 }), /^eventFileWriter\(maxBufferedBytes\)/);
});

test.run();

function expected(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => [i + 1, i + 1]);
}

/** Forty scalars, flushed now and then, with time for the timer to try again at the end. */
function writeRun(fileSystem: FileSystem): { readonly faults: readonly unknown[]; readonly dropped: number } {
  const run = runOf();
  const open = writerOn(fileSystem, { flushBytes: 300 }).open(run);
  open.start(0, 1);
  for (let step = 1; step <= 40; step++) {
    open.write(step, scalars({ a: step }));
    if (step % 15 === 0) open.flush();
  }
  open.flush();
  open.flush();
  open.close();
  return { faults: run.faults, dropped: open.droppedValues };
}

function failingWhen(isFailing: () => boolean): FileSystem {
  return {
    ...nodeFileSystem,
    write(file, bytes) {
      if (isFailing()) throw Object.assign(new Error('broken'), { code: 'EIO' });
      return nodeFileSystem.write(file, bytes);
    },
  };
}
