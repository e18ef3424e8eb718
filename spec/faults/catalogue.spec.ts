// The catalogue of faults of a run folder and of a run, by number: what is said, and what is left. Those that only a
// process of its own can have are in `resources`, `signals` and `clock`.

import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, type Observable, throwError, timer, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SaveWorker } from '../../lib/checkpoint/background/save-worker.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { type StoreSaverOptions, storeSaver } from '../../lib/checkpoint/store-saver.js';
import { CodedError } from '../../lib/error/coded-error.js';
import { CombinedError } from '../../lib/error/combined-error.js';
import { type CheckpointSaverOptions, checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { hook } from '../../lib/hook/hook.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { AnyEvent, SessionEvent } from '../../lib/session/event.js';
import { type TrainingSessionOptions, trainingSession } from '../../lib/session/training-session.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import type { FileSystem } from '../../lib/store/file-system.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import { type FileFault, faultyFileSystem } from '../../lib/testing/crash/faulty-file-system.js';
import { memoryFileSystem } from '../../lib/testing/crash/memory-file-system.js';
import { fakeState } from '../../lib/testing/fake-state.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { never } from '../../lib/trigger/never.js';
import { temporaryFolder } from '../store/temporary-folder.js';

const test = suite('the catalogue of faults');
const STEPS = 3;

type SessionOptions = Partial<TrainingSessionOptions<ReturnType<typeof fakeState>, unknown, unknown>>;

function session(options: SessionOptions = {}): Observable<AnyEvent> {
  return trainingSession<ReturnType<typeof fakeState>, unknown, unknown>({
    scaffold: { create: () => fakeState() },
    input: Array.from({ length: STEPS }, (_, at) => at),
    step: ({ state }) => state.model.train(),
    logger: silentLogger,
    ...options,
  });
}

function saving(
  store: CheckpointStore,
  options: SessionOptions = {},
  saver: Partial<CheckpointSaverOptions> & StoreSaverOptions = {},
): Observable<AnyEvent> {
  const { trigger = everySteps(1), onFailure, ...others } = saver;
  return session({ restore: latestFrom(store, { logger: silentLogger }), ...options }).pipe(
    checkpointSaver(storeSaver(store, others), { trigger, onFailure }),
  );
}

/** How a run ends: what a user is shown of its error, or `ended`. */
async function endOf(run: Observable<AnyEvent>): Promise<{ readonly text: string; readonly error: unknown }> {
  try {
    await lastValueFrom(run);
    return { text: 'ended', error: undefined };
  } catch (error) {
    return { text: shown(error), error };
  }
}

function shown(error: unknown): string {
  if (!(error instanceof CodedError)) return String(error instanceof Error ? error.message : error);
  return `error[${error.code}] ${error.message}; ${error.hint ?? ''}`;
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const { path, dispose } = temporaryFolder();
  try {
    await body(join(path, 'run'));
  } finally {
    dispose();
  }
}

const inMemory = (fileSystem: FileSystem): CheckpointStore =>
  fileStore('/run', { fileSystem, processes: fakeProcessTable() });

/** A folder in memory with a checkpoint of step 3, on a disk that then fails from the k-th operation on. */
async function endOnDisk(
  at: number,
  fault: FileFault,
  onFailure: 'failRun' | 'continue' = 'failRun',
  isLasting = true,
) {
  const memory = memoryFileSystem();
  await lastValueFrom(saving(inMemory(memory), {}, { trigger: never() }));
  const faulty = faultyFileSystem(memory, { at, fault, isLasting });
  const events: AnyEvent[] = [];
  const input = Array.from({ length: 2 * STEPS }, (_, nth) => nth);
  const run = saving(inMemory(faulty), { input }, { onFailure });
  const ended = await endOf(tapped(run, events));
  const newest = answerOf(latestFrom(inMemory(memory), { logger: silentLogger }).load());
  return { ...ended, events, isReached: faulty.count() >= at, newest };
}

function tapped(source: Observable<AnyEvent>, into: AnyEvent[]): Observable<AnyEvent> {
  return source.pipe(hook('witness', () => ({ hookEvent: (event) => void into.push(event) })));
}

async function everywhere(fault: FileFault, pattern: RegExp): Promise<void> {
  let failures = 0;
  for (let at = 1; ; at++) {
    const { text, isReached, newest } = await endOnDisk(at, fault);
    if (!isReached) break;
    if (text !== 'ended' && /STORAGE/.test(text)) {
      failures++;
      assert.match(text, pattern, `operation ${at}`);
    }
    assert.ok((newest?.from.globalStep ?? 0) >= STEPS, `operation ${at}: the older checkpoint`);
    assert.equal(newest?.from.skipped, [], `operation ${at}`);
  }
  assert.ok(failures > 10, `${failures} failures`);
}

test('B46: a disk that is full, at each operation of a save', () => everywhere('ENOSPC', /no space left in \/run/i));

test('B46: … says how much the save needs and how much is free', async () => {
  const memory = memoryFileSystem();
  let isFull = false;
  const fileSystem: FileSystem = {
    ...memory,
    space: () => ({ freeBytes: 123_000, freeFiles: 9 }),
    write: (file, bytes) => {
      if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return memory.write(file, bytes);
    },
  };
  const filling = hook('filling', () => ({
    beforeStep: ({ globalStep }) => {
      isFull = globalStep === 1;
    },
  }));
  const { text } = await endOf(saving(inMemory(fileSystem)).pipe(filling));
  assert.match(text, /STORAGE_NO_SPACE.*no space left.*needs about .* MB, .* free.*intact/i);
});

for (const [number, code, pattern] of [
  ['B48', 'EDQUOT', /STORAGE_NO_SPACE.*quota/i],
  ['B48', 'EFBIG', /STORAGE_TOO_LARGE.*ulimit -f/i],
  ['B54', 'EROFS', /STORAGE_READ_ONLY.*read-only/i],
] as const) {
  test(`${number}: ${code} while it saves`, async () => {
    const memory = memoryFileSystem();
    const write = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const { text } = await endOf(saving(inMemory({ ...memory, write })));
    assert.match(text, pattern);
  });
}

test('B49: a sync that fails once: the save fails, the next is good, and the event tells', async () => {
  let hits = 0;
  for (let at = 1; ; at++) {
    const memory = memoryFileSystem();
    let syncs = 0;
    const fileSystem: FileSystem = {
      ...memory,
      sync: (file) => {
        if (++syncs === at) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        memory.sync(file);
      },
    };
    const events: AnyEvent[] = [];
    const run = tapped(saving(inMemory(fileSystem), { input: [1, 2, 3, 4, 5, 6] }, { onFailure: 'continue' }), events);
    const { text } = await endOf(run);
    if (syncs < at) break;
    const failed = events.filter(({ type }) => type === 'saveFailed');
    // The last save of a run may be the one that fails; then the run does.
    if (text !== 'ended') {
      assert.match(text, /STORAGE_IO/);
      continue;
    }
    hits += failed.length;
    assert.ok(failed.length <= 1, `sync ${at}`);
    const { from } = answerOf(latestFrom(inMemory(memory), { logger: silentLogger }).load()) ?? {};
    assert.equal([from?.globalStep, from?.skipped], [6, []], `sync ${at}`);
  }
  assert.ok(hits > 5, `${hits} hits`);
});

test('B51: no descriptor is left', () => everywhere('EMFILE', /too many open files.*ulimit -n/i));

for (const what of ['removed', 'renamed']) {
  test(`B52: the folder is ${what} while it trains`, () =>
    inFolder(async (folder) => {
      let isGone = false;
      const run = saving(fileStore(folder)).pipe(
        hook('vandal', () => ({
          step: ({ globalStep }) => {
            if (globalStep !== 2) return;
            renameSync(folder, `${folder}-${what}`);
            isGone = true;
          },
        })),
      );
      const { text } = await endOf(run);
      assert.ok(isGone);
      assert.match(text, /STORAGE_FOLDER_GONE.*run folder .*run is gone/i);
      assert.not.ok(existsSync(folder));
    }));
}

test('B55, B64: a second run on the same folder; subscribing twice', () =>
  inFolder(async (folder) => {
    const run = saving(fileStore(folder), { step: () => timer(5) });
    const [first, second] = await Promise.all([endOf(run), endOf(run)]);
    assert.is(first.text, 'ended');
    assert.match(
      second.text,
      new RegExp(
        `STORE_IN_USE.*in use by pid ${process.pid} on .* since \\d{4}-.*two runs or two savers of this process`,
        'i',
      ),
    );
    assert.is(answerOf(latestFrom(fileStore(folder), { logger: silentLogger }).load())?.from.globalStep, STEPS);
  }));

test('B56: the lock of a dead process, of a pid that is another now, of another host', () => {
  for (const [left, expected] of [
    [{ pid: 8, start: '80' }, 'taken'],
    [{ pid: 100, start: '7' }, 'taken'],
    [{ pid: 8, host: 'elsewhere', boot: 'another' }, /STORE_IN_USE.*in use by pid 8 on elsewhere since .*--force/],
  ] as const) {
    const memory = memoryFileSystem();
    const kept: FileSystem = { ...memory, hold: () => 'unsupported' };
    const lockOf = (self: object, isForced = false) =>
      answerOf(fileStore('/run', { fileSystem: kept, processes: fakeProcessTable(self), isForced }).lock());
    lockOf({ ...left, token: 'dead0000' });
    let said = 'taken';
    try {
      lockOf({});
    } catch (error) {
      said = shown(error);
    }
    if (typeof expected === 'string') assert.is(said, expected, JSON.stringify(left));
    else {
      assert.match(said, expected);
      lockOf({}, true).release();
    }
  }
});

for (const planted of ['ckpt-999999', 'ckpt-1e9', 'ckpt--5', 'ckpt-007']) {
  test(`B57: a planted ${planted}.index is passed over, and stays`, async () => {
    const memory = memoryFileSystem();
    memory.mkdir('/run');
    await lastValueFrom(saving(inMemory(memory)));
    memory.write(memory.openNew(`/run/${planted}.index`), new TextEncoder().encode('garbage'));
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (...said: unknown[]) => void warnings.push(JSON.stringify(said)) };
    const restore = latestFrom(inMemory(memory), { logger });
    await lastValueFrom(saving(inMemory(memory), { restore, input: [1, 2, 3, 4, 5] }, { retention: undefined }));
    assert.ok(memory.readdir('/run').includes(`${planted}.index`));
    assert.is(answerOf(restore.load())?.from.globalStep, 5);
  });
}

test('B59: a hook throws a text, null, an error with a getter that throws, a cause of itself, ten megabytes', async () => {
  const nasty = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('getter');
    },
  });
  const cyclic = new Error('cyclic');
  Object.assign(cyclic, { cause: cyclic });
  for (const [thrown, pattern] of [
    ['a text', /hook "h" failed in step of step 1: a text/],
    [null, /hook "h" failed in step of step 1: null/],
    [nasty, /hook "h" failed in step of step 1: object/],
    [cyclic, /hook "h" failed in step of step 1: cyclic/],
    [new Error('m'.repeat(10_000_000)), /hook "h" failed in step of step 1: m+…/],
  ] as const) {
    const run = session().pipe(
      hook('h', () => ({
        step: () => {
          throw thrown;
        },
      })),
    );
    const { text } = await endOf(run);
    assert.match(text, pattern);
    assert.ok(text.length < 1000, `${text.length} characters`);
  }
});

test('B60: a hook never settles', async () => {
  const run = session({ holdLimitSeconds: 0.05 }).pipe(
    hook('slow', () => ({ step: (event) => event.waitUntil(new Promise(() => {})) })),
  );
  assert.match((await endOf(run)).text, /HOLD_TIMEOUT.*hook "slow" did not finish step within 0.05 s/);
});

test('B61: the input throws, ends early, gives nothing, never ends', async () => {
  const throwing = {
    *[Symbol.iterator]() {
      yield 1;
      throw new Error('the file is unreadable');
    },
  };
  assert.match((await endOf(session({ input: throwing }))).text, /the file is unreadable/);
  assert.match((await endOf(session({ input: [1, undefined] as never }))).text, /batch 1 is undefined/);
  const memory = memoryFileSystem();
  await lastValueFrom(saving(inMemory(memory)));
  const early = await endOf(saving(inMemory(memory), { input: [1] }));
  assert.match(early.text, /STATE_MISMATCH.*\s+.*ended after 1 batches, the checkpoint is at 3/);
  const endless = {
    *[Symbol.iterator]() {
      for (;;) yield 1;
    },
  };
  const stopping = session({ input: endless }).pipe(
    hook('enough', () => ({ step: (event) => event.globalStep === 1000 && event.requestStop('enough') })),
  );
  assert.is((await endOf(stopping)).text, 'ended');
});

test('B62: the input fails and so does the closing: both are told, in order', async () => {
  const scaffold = { create: () => fakeState(), dispose: () => throwError(() => new Error('the device is gone')) };
  const input = {
    *[Symbol.iterator]() {
      yield 1;
      throw new Error('the file is unreadable');
    },
  };
  const { text, error } = await endOf(session({ scaffold, input }));
  assert.instance(error, CombinedError);
  assert.match(text, /2 errors:\s+1\. the file is unreadable\s+2\. the device is gone/);
});

test('B63: a stop before the start, twice, from a hook, from a listener, after the end', async () => {
  const stopping = hook('stop', () => ({
    begin: (event) => event.requestStop('before the start'),
    sessionCreated: (event) => event.requestStop('again'),
  }));
  const controller = new AbortController();
  controller.abort();
  const events = await lastValueFrom(session({ signal: controller.signal }).pipe(stopping, toArray()));
  const last = events.at(-1) as SessionEvent;
  assert.is(last.type, 'end');
  last.requestStop('after the end');
  controller.abort();
  assert.is(events.filter(({ type }) => type === 'step').length, 0);
});

test('B66: the save worker is missing, or of another version', async () => {
  const { Worker } = await import('node:worker_threads');
  const settings = { folder: '/nowhere', format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
  for (const file of ['./no-such-file.mjs', '../fixtures']) {
    const start = (workerData: unknown) => new Worker(new URL(file, import.meta.url), { workerData });
    const worker = new SaveWorker({ start, settings, silenceLimitSeconds: 10 });
    let said = '';
    try {
      await lastValueFrom(worker.start());
    } catch (error) {
      said = shown(error);
    }
    assert.match(said, /SAVE_WORKER_NOT_STARTED.*save worker could not start/);
  }
});

test('B67: a hook keeps what cannot be saved', async () => {
  const run = saving(inMemory(memoryFileSystem())).pipe(
    hook('early', () => ({
      begin: (event) =>
        event.track('early', {
          capture: () => ({ tensors: new Map(), json: { a: { b: () => 1 } } as never }),
          restore: () => {},
        }),
    })),
  );
  assert.match((await endOf(run)).text, /hook "early": .*state cannot be saved \(a function at \.a\.b\)/);
});

test.run();
