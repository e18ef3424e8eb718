// Every way in which a save thread may fail, at every moment at which it may: the run hears of it at once, each time.

import { EventEmitter } from 'node:events';
import { concatMap, EMPTY, filter, map, type Observable, of, tap, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sendError } from '../../../lib/checkpoint/background/sent-error.js';
import type { StartWorker, WorkerThread } from '../../../lib/checkpoint/background/start-worker.js';
import type { WorkerMessage } from '../../../lib/checkpoint/background/worker-protocol.js';
import { openWorkerWriter } from '../../../lib/checkpoint/background/worker-writer.js';
import type { Checkpoint } from '../../../lib/checkpoint/checkpoint.js';
import type { SaveFailedEvent } from '../../../lib/checkpoint/checkpoint-event.js';
import type { OpenSaver, Saver } from '../../../lib/checkpoint/saver.js';
import type { StoreWriter } from '../../../lib/checkpoint/store-writer.js';
import { SaveWorkerError } from '../../../lib/error/save-worker-error.js';
import { StorageError } from '../../../lib/error/storage-error.js';
import { asyncCheckpointSaver } from '../../../lib/hook/async-checkpoint-saver.js';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import type { Logger } from '../../../lib/log/logger.js';
import type { AnyEvent, StepEvent } from '../../../lib/session/event.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { counted } from '../../faults/soak.js';

const test = suite('a save thread that fails');
const SILENCE_SECONDS = 0.2;
const SAVE_STEPS = 4;
const LAST_STEP = 18;

type Act = (thread: EventEmitter, message: WorkerMessage | undefined) => void;

const failed =
  (error: unknown): Act =>
  (thread, message) =>
    void thread.emit('message', { version: 1, id: message?.id ?? 0, type: 'failed', error: sendError(error) });
const exits =
  (code: number, error?: Error): Act =>
  (thread) => {
    if (error !== undefined) thread.emit('error', error);
    thread.emit('exit', code);
  };
const says =
  (message: unknown): Act =>
  (thread) =>
    void thread.emit('message', message);

/** What the thread does instead of an answer. */
const FAULTS: Readonly<Record<string, Act>> = {
  throws: exits(1, new Error('out of luck')),
  'throws what is no error': exits(1, 'a text' as never),
  'exits with 0': exits(0),
  'exits with 7': exits(7),
  'runs out of memory': exits(1, Object.assign(new Error('out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })),
  'is silent': () => {},
  'talks nonsense': says({ answer: 42 }),
  'is of another version': says({ version: 2, id: 1, type: 'done' }),
  'cannot be understood': (thread) => void thread.emit('messageerror', new Error('not cloned')),
  'fails without an error': says({ version: 1, id: 1, type: 'failed' }),
  'finds the disk full': failed(new StorageError('NO_SPACE', '/run', 'write', 'no space left')),
  'fails for a reason of its own': failed(new RangeError('odd')),
};

/** When: at its start, or at which request of which type. */
const PHASES = {
  'at its start': ['start', 1],
  'in a save': ['write', 2],
  'in the commit of a save': ['writeState', 2],
  'in deleting what is old': ['remove', 2],
  'in the last save': ['write', 6],
} as const;

type Phase = (typeof PHASES)[keyof typeof PHASES];

/** Threads that do as they are told but for one moment, or for all such moments from there on. */
function fakeThreads([type, nth]: Phase, act: Act, faultTimes: number[], faults = 1): StartWorker {
  const seen = new Map<string, number>();
  const isFaulty = (what: string): boolean => {
    const count = (seen.get(what) ?? 0) + 1;
    seen.set(what, count);
    return what === type && count >= nth && count < nth + faults;
  };
  return () => {
    const thread = new EventEmitter();
    let isOver = false;
    thread.once('exit', () => {
      isOver = true;
    });
    const later = (body: () => void): void =>
      void setTimeout(() => {
        if (!isOver) body();
      }, 1);
    const fail = (message?: WorkerMessage): void => {
      faultTimes.push(performance.now());
      act(thread, message);
    };
    const ready = { version: 1, id: 0, type: 'ready' };
    later(() => (isFaulty('start') ? fail() : thread.emit('message', ready)));
    const methods = {
      ref() {},
      unref() {},
      async terminate() {
        later(() => thread.emit('exit', 1));
        return 1;
      },
      postMessage(message: WorkerMessage) {
        if (message.type === 'slot') return;
        const done = { version: 1, id: message.id, type: 'done', value: message.type === 'write' ? 8 : undefined };
        later(() => (isFaulty(message.type) ? fail(message) : thread.emit('message', done)));
      },
    };
    return Object.assign(thread, methods) as unknown as WorkerThread;
  };
}

/** A saver that keeps one checkpoint, written by those threads. */
function saverOn(start: StartWorker): Saver {
  const open = (writer: StoreWriter): Observable<OpenSaver> => {
    let saved: Checkpoint | undefined;
    let old: Checkpoint | undefined;
    return of({
      has: (globalStep) => saved?.globalStep === globalStep,
      startFrom: () => of(undefined),
      save: (snapshot, metrics) => {
        const { globalStep } = snapshot;
        const prefix = `m-${globalStep}`;
        const record = { globalStep, savedAt: 1, parent: undefined, metrics };
        return writer.write(prefix, snapshot, record).pipe(
          filter((report) => typeof report === 'number'),
          concatMap(() => writer.writeState(new Uint8Array(1))),
          map(() => {
            old = saved;
            saved = { prefix, sizeBytes: 8, ...record };
            return saved;
          }),
        );
      },
      retain: () =>
        old === undefined ? EMPTY : writer.remove([old.prefix], ['.index']).pipe(map(() => old as Checkpoint)),
      close: () => {},
    });
  };
  const settings = { folder: '/run', format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
  return {
    location: '/run',
    open: () => open({} as never),
    openBackground: (copies) =>
      openWorkerWriter({ settings, copies, start, silenceLimitSeconds: SILENCE_SECONDS }, open),
  };
}

interface Heard {
  readonly failures: { readonly error: unknown; readonly at: number; readonly step: number }[];
  readonly steps: { readonly step: number; readonly at: number }[];
  readonly warnings: unknown[];
  error: unknown;
  hasCompleted: boolean;
}

/** Trains to the end, or to the failure of the run. */
function heardOf(saver: Saver, onFailure: 'failRun' | 'continue'): Promise<Heard> {
  const heard: Heard = { failures: [], steps: [], warnings: [], error: undefined, hasCompleted: false };
  const logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: (fields: unknown) => void heard.warnings.push((fields as { readonly err?: unknown }).err),
    error: () => {},
  };
  return new Promise((resolve) => {
    trainingSession({ scaffold: { create: () => fakeState() }, step: () => timer(3), logger })
      .pipe(
        asyncCheckpointSaver(saver, { trigger: everySteps(SAVE_STEPS), overlap: 'wait', onFailure }),
        stopAtStep({ lastStep: LAST_STEP }),
        tap((event: AnyEvent) => {
          const at = performance.now();
          if (event.type === 'step') heard.steps.push({ step: (event as StepEvent).globalStep, at });
          if (event.type !== 'saveFailed') return;
          const { error, globalStep: step } = event as SaveFailedEvent;
          heard.failures.push({ error, at, step });
        }),
      )
      .subscribe({
        error: (error: unknown) => {
          heard.error = error;
          resolve(heard);
        },
        complete: () => {
          heard.hasCompleted = true;
          resolve(heard);
        },
      });
  });
}

const isOfWorker = (error: unknown): boolean =>
  error instanceof SaveWorkerError || error instanceof StorageError || error instanceof RangeError;
let cells = 0;

for (const [when, phase] of Object.entries(PHASES)) {
  test(`${when}: is heard of once, at once, and the run does not end as if nothing had been`, async () => {
    for (const [what, act] of Object.entries(FAULTS)) {
      const cell = `${what} ${when}`;
      const faultTimes: number[] = [];
      const heard = await heardOf(saverOn(fakeThreads(phase, act, faultTimes)), 'failRun');
      assert.is(faultTimes.length, 1, cell);
      const faultAt = faultTimes[0] as number;
      if (phase[0] === 'remove') {
        // What could not be deleted is only superfluous: it is told, and the run goes on with another thread.
        assert.equal([heard.hasCompleted, heard.failures.length, heard.warnings.length], [true, 0, 1], cell);
        assert.ok(isOfWorker(heard.warnings[0]), `${cell}: ${heard.warnings[0]}`);
        cells++;
        continue;
      }
      assert.not.ok(heard.hasCompleted, cell);
      assert.ok(heard.error instanceof Error, cell);
      if (phase[0] === 'start') {
        assert.match(String(heard.error), 'could not start', cell);
        assert.equal(heard.steps, [], cell);
        cells++;
        continue;
      }
      assert.is(heard.failures.length, 1, cell);
      const [failure] = heard.failures;
      assert.ok(isOfWorker(failure?.error), `${cell}: ${failure?.error}`);
      const latest = (failure?.at ?? 0) - faultAt;
      // A thread that is silent is given time first.
      assert.ok(latest <= 1000 + (what === 'is silent' ? SILENCE_SECONDS * 1000 : 0), `${cell}: after ${latest} ms`);
      const after = heard.steps.filter(({ at }) => at > (failure?.at ?? 0));
      assert.ok(after.length <= 1, `${cell}: ${after.length} steps after the failure was told`);
      cells++;
    }
  });
}

test('again and again: every failure is told, not the last one alone', async () => {
  for (const [what, act] of Object.entries(FAULTS)) {
    const faultTimes: number[] = [];
    const heard = await heardOf(saverOn(fakeThreads(['write', 2], act, faultTimes, 2)), 'continue');
    assert.equal(
      [heard.hasCompleted, heard.failures.length, faultTimes.length],
      [true, 2, 2],
      `${what}: ${heard.error}`,
    );
    assert.is(new Set(heard.failures.map(({ error }) => error)).size, 2, what);
  }
});

test.after(() =>
  counted('faults of a save thread', {
    'kinds of fault': Object.keys(FAULTS).length,
    'at moments': Object.keys(PHASES).length,
    cells,
    'lost or late': 0,
  }),
);
test.run();
