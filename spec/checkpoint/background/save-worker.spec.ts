import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { concatMap, firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SaveWorker } from '../../../lib/checkpoint/background/save-worker.js';
import type { StartWorker, WorkerThread } from '../../../lib/checkpoint/background/start-worker.js';
import { SaveWorkerError, type SaveWorkerFault } from '../../../lib/error/save-worker-error.js';

const test = suite('SaveWorker');
const settings = { folder: '/nowhere', format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
const request = { type: 'writeState', bytes: new Uint8Array(3) } as const;

const faulty =
  (fault: string): StartWorker =>
  (data) =>
    new Worker(new URL('./faulty-worker-in-tsx.mjs', import.meta.url), {
      workerData: { ...(data as object), fault },
      resourceLimits: { maxOldGenerationSizeMb: 40 },
      stderr: true,
    });

function workerThat(fault: string, silenceLimitSeconds = 10): SaveWorker {
  return new SaveWorker({ start: faulty(fault), settings, silenceLimitSeconds });
}

async function errorOf(promise: Promise<unknown>): Promise<SaveWorkerError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, SaveWorkerError);
    return error as SaveWorkerError;
  }
  throw new Error('expected a failure');
}

const FAULTS: readonly (readonly [string, SaveWorkerFault, RegExp])[] = [
  ['throws', 'CRASHED', /crashed: .*out of luck/],
  ['exits 0', 'EXITED', /ended with code 0, without an answer/],
  ['exits 7', 'EXITED', /ended with code 7/],
  ['runs out of memory', 'CRASHED', /crashed: .*memory/],
  ['talks nonsense', 'PROTOCOL', /sent version undefined/],
  ['is of another version', 'PROTOCOL', /sent version 2 of the protocol, expected 1/],
  ['fails with an unknown error', 'FAILED', /OddError: odd/],
];

for (const [fault, kind, message] of FAULTS) {
  test(`a worker that ${fault} is a failed request, and the next one gets another thread`, async () => {
    const worker = workerThat(fault);
    const ask = () => firstValueFrom(worker.start().pipe(concatMap(() => worker.request(request))));
    let settled = 0;
    const first = await errorOf(
      firstValueFrom(worker.start().pipe(concatMap(() => worker.request(request, () => void settled++)))),
    );
    assert.is(first.fault, kind);
    assert.is(first.code, `SAVE_WORKER_${kind}`);
    assert.match(first.message, message);
    assert.is((await errorOf(ask())).fault, kind);
    assert.is(settled, 1);
    worker.stop();
  });
}

const STARTS: readonly (readonly [string, RegExp])[] = [
  ['throws at start', /could not start: .*no such luck/],
  ['exits at start', /could not start: .*ended with code 3/],
  ['is silent at start', /could not start: .*no progress for 0.4 s/],
  ['old at start', /could not start: .*sent version 0/],
];

for (const [fault, message] of STARTS) {
  test(`a worker that ${fault} could not start`, async () => {
    const error = await errorOf(firstValueFrom(workerThat(fault, fault.includes('silent') ? 0.4 : 10).start()));
    assert.is(error.fault, 'NOT_STARTED');
    assert.match(error.message, message);
  });
}

test('a worker that is silent for too long is given up', async () => {
  // The start has the same limit.
  const worker = workerThat('is silent', 5);
  const startedAt = performance.now();
  const error = await errorOf(firstValueFrom(worker.start().pipe(concatMap(() => worker.request(request)))));
  assert.is(error.fault, 'SILENT');
  assert.ok(performance.now() - startedAt < 20_000);
  worker.stop();
});

test('a thread that is not wanted any more while it starts comes up before it is ended', () => {
  const thread = new EventEmitter();
  let terminated = 0;
  const methods = { postMessage() {}, ref() {}, unref() {}, terminate: async () => ++terminated };
  const start: StartWorker = () => Object.assign(thread, methods) as unknown as WorkerThread;
  const worker = new SaveWorker({ start, settings, silenceLimitSeconds: 10 });
  worker.start().subscribe().unsubscribe();
  worker.stop();
  assert.is(terminated, 0);
  thread.emit('message', { version: 1, id: 0, type: 'ready' });
  assert.is(terminated, 1);
  thread.emit('exit', 1);
});

test('a worker file that is not there is told as such', async () => {
  const worker = new SaveWorker({
    start: (workerData) => new Worker(new URL('./no-such-file.mjs', import.meta.url), { workerData }),
    settings,
    silenceLimitSeconds: 10,
  });
  const error = await errorOf(firstValueFrom(worker.start()));
  assert.match(error.message, /could not start: .*no-such-file/);
});

test('starts a thread again three times and no more', async () => {
  let starts = 0;
  const start: StartWorker = (data) => {
    starts++;
    return faulty('exits 0')(data);
  };
  const worker = new SaveWorker({ start, settings, silenceLimitSeconds: 10 });
  const ask = () => firstValueFrom(worker.start().pipe(concatMap(() => worker.request(request))));
  for (let i = 0; i < 4; i++) assert.is((await errorOf(ask())).fault, 'EXITED');
  const last = await errorOf(ask());
  assert.match(last.message, /failed 4 times and is not started again/);
  assert.instance(last.cause, SaveWorkerError);
  assert.is(starts, 4);
});

test('passes over an answer that nobody waits for', async () => {
  const worker = workerThat('answers what nobody asked');
  assert.is(await firstValueFrom(worker.start().pipe(concatMap(() => worker.request(request)))), 5);
  worker.stop();
});

test('a request that cannot be sent fails as it is, and the worker lives on', async () => {
  const worker = workerThat('answers what nobody asked');
  await firstValueFrom(worker.start());
  const wrong = { ...request, bytes: (() => 0) as never };
  let message = '';
  worker.request(wrong).subscribe({ error: (error: Error) => (message = error.message) });
  assert.match(message, /could not be cloned/);
  assert.is(await firstValueFrom(worker.request(request)), 5);
  worker.stop();
});

test.run();
