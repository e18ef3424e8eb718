import { VirtualTimeScheduler } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { checkpointFrom, latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { decodeCheckpointState } from '../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import type { CheckpointStore, OpenedCheckpoint } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import { checkpointCrashLaw } from '../../lib/testing/crash/checkpoint-crash-law.js';
import { crashLaw } from '../../lib/testing/crash/crash-law.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import type { FakeState } from '../../lib/testing/fake-state.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('a session that saves, on a machine that may crash');
const MARKERS = DEFAULT_FORMATS.map(({ marker }) => marker);
const LAST_STEP = 4;

interface RunOptions {
  readonly format: CheckpointFormat;
  readonly keep: number;
  readonly steps: number;
  readonly restore?: RestoreSource | undefined;
}

/** Trains up to a step, all at once; gives the trained steps. @throws what the run fails with */
function run(store: CheckpointStore, { format, keep, steps, restore }: RunOptions): number {
  const scheduler = new VirtualTimeScheduler();
  let trained = -1;
  let failure: { readonly error: unknown } | undefined;
  scriptedSession(`(${'1'.repeat(steps)}|)`, {
    scheduler,
    restore: restore ?? latestFrom(store, { logger: silentLogger }),
  })
    .pipe(
      checkpointSaver(storeSaver(store, { format, retention: keepLatest(keep), wallClock: () => 1000 }), {
        trigger: everySteps(1),
      }),
    )
    .subscribe({
      next: (event) => {
        if (event.type === 'end') trained = (event.state as FakeState).model.steps;
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
    'a run that keeps one': (store) => void run(store, { format, keep: 1, steps: 3 }),
    'a run, and another that goes on and keeps fewer': (store, reopen) => {
      run(store, { format, keep: 3, steps: 2 });
      run(reopen(), { format, keep: 1, steps: 3 });
    },
    'a run, and a rollback': (store, reopen) => {
      run(store, { format, keep: 3, steps: 2 });
      const again = reopen();
      run(again, { format, keep: 3, steps: 2, restore: checkpointFrom(again, 'model.ckpt-1') });
    },
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
      console.log(
        `\ncounted: ${name}, ${format.name}: ${report.points} crash points, ${report.states} states, ${report.distinctStates} distinct`,
      );
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
  });
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

test.run();
