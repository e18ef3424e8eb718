import { identity, type SchedulerLike, VirtualTimeScheduler } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openInProcess } from '../../lib/checkpoint/background/in-process-writer.js';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { checkpointFrom, latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import type { Saver } from '../../lib/checkpoint/saver.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { decodeCheckpointState } from '../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { AnyEvent, EndEvent } from '../../lib/session/event.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import type { CheckpointStore, OpenedCheckpoint } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import type { FileSystem } from '../../lib/store/file-system.js';
import { eventFileWriter } from '../../lib/summary/event-file/event-file-writer.js';
import type { SummarySink } from '../../lib/summary/summary-sink.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import { checkpointCrashLaw } from '../../lib/testing/crash/checkpoint-crash-law.js';
import { type CrashReport, crashLaw } from '../../lib/testing/crash/crash-law.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import type { MemoryFileSystem } from '../../lib/testing/crash/memory-file-system.js';
import type { FakeState } from '../../lib/testing/fake-state.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { counted, times } from '../faults/soak.js';
import { scalarsIn, viewOf } from '../summary/read-scalars.js';

const test = suite('a session that saves, on a machine that may crash');
const MARKERS = DEFAULT_FORMATS.map(({ marker }) => marker);
const LAST_STEP = 4;

interface RunOptions {
  readonly format: CheckpointFormat;
  readonly keep: number;
  readonly steps: number;
  readonly restore?: RestoreSource | undefined;
  /** Saves beside the steps, each of which is shorter than a save. */
  readonly isAsync?: boolean | undefined;
  /** Draws every step, too. */
  readonly summaries?: SummarySink | undefined;
}

const WRITE_MS = 3;
const counts = { 'crash points': 0, states: 0, 'distinct states': 0, violations: 0 };

/** A saver whose background is that of virtual time. */
function slowly(saver: Saver, scheduler: VirtualTimeScheduler): Saver {
  const late: SchedulerLike = {
    now: () => scheduler.now(),
    schedule: ((work: never, delay = 0, state: never) =>
      scheduler.schedule(work, delay + WRITE_MS, state)) as SchedulerLike['schedule'],
  };
  return { ...saver, openBackground: () => openInProcess(saver, late) };
}

/** Trains up to a step, all at once; gives the trained steps. @throws what the run fails with */
function run(store: CheckpointStore, options: RunOptions): number {
  const { format, keep, steps, restore, isAsync = false, summaries } = options;
  const scheduler = new VirtualTimeScheduler();
  let trained = -1;
  let failure: { readonly error: unknown } | undefined;
  const saver = storeSaver(store, { format, retention: keepLatest(keep), wallClock: () => 1000 });
  const trigger = everySteps(1);
  scriptedSession(isAsync ? `${'-1'.repeat(steps)}|` : `(${'1'.repeat(steps)}|)`, {
    scheduler,
    restore: restore ?? latestFrom(store, { logger: silentLogger }),
  })
    .pipe(
      summaries === undefined
        ? identity
        : summarySaver(summaries, { trigger, values: ({ globalStep }) => new Map([['step', globalStep]]) }),
      isAsync ? asyncCheckpointSaver(slowly(saver, scheduler), { trigger }) : checkpointSaver(saver, { trigger }),
    )
    .subscribe({
      next: (event: AnyEvent) => {
        if (event.type === 'end') trained = ((event as EndEvent).state as FakeState).model.steps;
      },
      error: (error: unknown) => {
        failure = { error };
      },
    });
  scheduler.flush();
  if (failure !== undefined) throw failure.error;
  return trained;
}

function filesFor(format: CheckpointFormat) {
  return () => {
    const snapshot = { globalStep: 99, tensors: new Map([['global_step', int64Scalar(99)]]), json: null };
    return format.encode(snapshot, { globalStep: 99, savedAt: 1, parent: undefined, metrics: new Map() });
  };
}

function readAll(checkpoint: OpenedCheckpoint): void {
  const suffixes = new Set(checkpoint.files.keys());
  const format = DEFAULT_FORMATS.find((candidate) => candidate.recognises(suffixes));
  const { globalStep, tensors } = format?.open(checkpoint).snapshot() ?? {};
  assert.ok(tensors !== undefined && checkpoint.prefix.endsWith(`-${globalStep}`) !== (globalStep === 99));
}

for (const format of [tensorBundle(), safetensors()]) {
  const scenarios: Record<string, (store: CheckpointStore, reopen: () => CheckpointStore) => void> = {
    'a run that keeps one': (store) => void run(store, { format, keep: 1, steps: times(3, 40) }),
    'a run that keeps three': (store) => void run(store, { format, keep: 3, steps: times(4, 40) }),
    'a run, and another that goes on and keeps fewer': (store, reopen) => {
      run(store, { format, keep: 3, steps: times(2, 20) });
      run(reopen(), { format, keep: 1, steps: times(3, 40) });
    },
    'a run, and a rollback': (store, reopen) => {
      run(store, { format, keep: 3, steps: times(2, 20) });
      const again = reopen();
      const step = times(1, 18);
      run(again, { format, keep: 3, steps: times(2, 40), restore: checkpointFrom(again, `model.ckpt-${step}`) });
    },
    'a run whose saves go on beside its steps, one written and one waiting': (store) =>
      void run(store, { format, keep: 2, steps: times(8, 60), isAsync: true }),
  };
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(`${name}: loses nothing that was acknowledged (${format.name})`, () => {
      const report = checkpointCrashLaw({
        scenario,
        markers: MARKERS,
        verify: readAll,
        files: filesFor(format),
        latestOf: (bytes) => decodeCheckpointState(bytes).latest,
        maxStates: 60,
      });
      assert.equal(report.violations, []);
      assert.ok(report.points > 50, `${report.points} points`);
      count(report);
    });
  }

  test(`whatever the crash leaves, the run that goes on ends as one that never crashed did (${format.name})`, () => {
    const processes = (boot: string) => fakeProcessTable({ boot, token: boot === 'after' ? '00000002' : '00000001' });
    const report = crashLaw<number>({
      scenario: (fs) =>
        void run(fileStore('/run', { fileSystem: fs, processes: processes('before') }), {
          format,
          keep: 2,
          steps: LAST_STEP - 1,
        }),
      check: (fs) => {
        const store = fileStore('/run', { fileSystem: fs, processes: processes('after') });
        assert.is(run(store, { format, keep: 2, steps: LAST_STEP }), LAST_STEP);
        assert.is(fs.openCount(), 0);
      },
      maxStates: 40,
    });
    assert.equal(report.violations, []);
    assert.ok(report.points > 50, `${report.points} points`);
    count(report);
  });
}

test('whatever a crash leaves of event files, they can be read, and the curves of the run that goes on are right', () => {
  const place = (fs: FileSystem, boot: string, token: string) => {
    const processes = fakeProcessTable({ boot, token });
    return {
      store: fileStore('/run', { fileSystem: fs, processes }),
      summaries: eventFileWriter('/run', { fileSystem: fs, processes, wallClock: () => 1000 }),
    };
  };
  const steps = times(3, 12);
  const options = { format: tensorBundle(), keep: 2 };
  const report = crashLaw<number>({
    scenario: (fs) => {
      const { store, summaries } = place(fs, 'before', '00000001');
      run(store, { ...options, steps, summaries });
    },
    check: (fs) => {
      curveOf(fs, steps);
      const { store, summaries } = place(fs, 'after', '00000002');
      run(store, { ...options, steps: steps + 1, summaries });
      // What is after the step from which it went on is there once, and so is all that was flushed before.
      const curve = curveOf(fs, steps + 1);
      assert.is(curve.at(-1), steps + 1);
      assert.is(fs.openCount(), 0);
    },
    model: 'ordered',
  });
  assert.equal(report.violations, []);
  count(report);
});

/** The steps that are drawn, each once and in order, with the right value. */
function curveOf(fs: MemoryFileSystem, lastStep: number): readonly number[] {
  const names = fs.stat('/run') === undefined ? [] : fs.readdir('/run').filter((name) => name.includes('tfevents'));
  const files = names.sort().map((name) => {
    const file = fs.openRead(`/run/${name}`);
    const bytes = new Uint8Array(fs.sizeOf(file) ?? 0);
    fs.read(file, bytes, 0);
    fs.close(file);
    return bytes;
  });
  const points = scalarsIn(viewOf(files)).get('step') ?? [];
  for (const [at, [step, value]] of points.entries()) {
    assert.is(value, step);
    assert.ok(step > (points[at - 1]?.[0] ?? 0) && step <= lastStep, JSON.stringify(points));
  }
  return points.map(([step]) => step);
}

function count({ points, states, distinctStates, violations }: CrashReport): void {
  counts['crash points'] += points;
  counts.states += states;
  counts['distinct states'] += distinctStates;
  counts.violations += violations.length;
}

test('the law notices a disk that does not sync', () => {
  const report = checkpointCrashLaw({
    scenario: (store) => void run(store, { format: tensorBundle(), keep: 1, steps: 2 }),
    markers: MARKERS,
    verify: readAll,
    files: filesFor(tensorBundle()),
    latestOf: (bytes) => decodeCheckpointState(bytes).latest,
    sabotage: (fs) => ({ ...fs, sync() {} }),
    maxStates: 60,
  });
  assert.ok(report.violations.length > 0);
});

test.after(() => counted('enumerated crashes of sessions', counts));
test.run();
