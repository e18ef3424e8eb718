import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointStore } from '../../../lib/store/checkpoint-store.js';
import { fileStore } from '../../../lib/store/file-store.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { type CheckpointCrashLawOptions, checkpointCrashLaw } from '../../../lib/testing/crash/checkpoint-crash-law.js';
import { fakeProcessTable } from '../../../lib/testing/crash/fake-process-table.js';
import { faultyFileSystem } from '../../../lib/testing/crash/faulty-file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { recordingFileSystem } from '../../../lib/testing/crash/recording-file-system.js';
import { type Sabotaged, sabotage } from '../../../lib/testing/crash/sabotage.js';
import { counted } from '../../faults/soak.js';
import { checkpointFiles, verifyCheckpoint } from './checkpoint-files.js';

const test = suite('checkpointCrashLaw');
const markers = ['.index'];
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What a saver does: the checkpoint, then the state file, then what retention gave up. */
function save(store: CheckpointStore, step: number, ...removed: number[]): void {
  const prefix = `m-${step}`;
  const prefixes = removed.map((old) => `m-${old}`);
  answerOf(store.write(prefix, checkpointFiles(prefix)));
  answerOf(store.writeState(encode(prefix)));
  if (prefixes.length > 0) answerOf(store.remove(prefixes, markers));
}

const scenarios = {
  'a first write': (store: CheckpointStore) => {
    answerOf(store.write('m-1', checkpointFiles('m-1')));
  },
  'a first save': (store: CheckpointStore) => save(store, 1),
  'a second save': (store: CheckpointStore) => {
    save(store, 1);
    save(store, 2);
  },
  'a save with retention': (store: CheckpointStore) => {
    save(store, 1);
    save(store, 2);
    save(store, 3, 1, 2);
  },
  'saves under a lock': (store: CheckpointStore) => {
    const lock = answerOf(store.lock());
    save(store, 1);
    save(store, 2, 1);
    lock.release();
  },
  'a checkpoint set aside': (store: CheckpointStore) => {
    save(store, 1);
    answerOf(store.write('m-2', checkpointFiles('m-2')));
    answerOf(store.quarantine('m-2', markers));
    answerOf(store.write('m-2', checkpointFiles('m-2', 'written anew')));
  },
  'a save that its producer fails, then one that works': (store: CheckpointStore) => {
    save(store, 1);
    const broken = function* () {
      yield* checkpointFiles('m-2').slice(0, 1);
      throw new Error('no index');
    };
    assert.throws(() => answerOf(store.write('m-2', broken())), 'no index');
    save(store, 2, 1);
  },
  'a state file replaced three times': (store: CheckpointStore) => {
    save(store, 1);
    for (const step of [2, 3]) save(store, step);
    answerOf(store.writeState(encode('m-1')));
  },
  'eight saves of four shards, of which two stay': (store: CheckpointStore) => {
    for (let step = 1; step <= 8; step++) {
      answerOf(store.write(`m-${step}`, checkpointFiles(`m-${step}`, undefined, 4)));
      answerOf(store.writeState(encode(`m-${step}`)));
      if (step > 2) answerOf(store.remove([`m-${step - 2}`], markers));
    }
  },
};

/** Exchanging two removals of one kind, or leaving data behind without its marker, does no harm. */
const harmless = [
  'a save with retention: unlink 1',
  'a save with retention: unlink 3',
  'a save with retention: unlink 4',
];

const counts = { 'crash points': 0, states: 0, 'distinct states': 0, violations: 0, 'sabotages noticed': 0 };

const law = (scenario: CheckpointCrashLawOptions['scenario'], more: Partial<CheckpointCrashLawOptions> = {}) => {
  const report = checkpointCrashLaw({
    scenario,
    markers,
    verify: verifyCheckpoint,
    files: checkpointFiles,
    latestOf: decode,
    ...more,
  });
  if (more.sabotage !== undefined) {
    if (report.violations.length > 0) counts['sabotages noticed']++;
    return report;
  }
  counts['crash points'] += report.points;
  counts.states += report.states;
  counts['distinct states'] += report.distinctStates;
  counts.violations += report.violations.length;
  return report;
};

for (const [name, scenario] of Object.entries(scenarios)) {
  for (const model of ['ordered', 'posix'] as const) {
    test(`finds nothing wrong after a crash in ${name} (${model})`, () => {
      const report = law(scenario, { model });
      assert.equal(report.violations, []);
      assert.ok(report.points >= 16 && report.distinctStates > report.points / 2, JSON.stringify(report));
    });
  }
}

test('finds nothing wrong after a crash while the leftovers of a process that died at any step are dealt with', () => {
  let leftovers = 0;
  for (let at = 1, isOver = false; !isOver; at++) {
    const report = law((store, reopen) => {
      save(store, 1);
      const dying = reopen((fs) => faultyFileSystem(fs, { at, fault: 'EIO', isLasting: true }));
      try {
        save(dying, 2);
        isOver = true;
      } catch {
        leftovers++;
      }
      const next = reopen();
      const lock = answerOf(next.lock());
      if (!answerOf(next.list(markers)).includes('m-2')) save(next, 2, 1);
      lock.release();
    });
    assert.equal(report.violations, [], `dies at ${at}`);
  }
  assert.ok(leftovers >= 20, `${leftovers} deaths`);
});

for (const name of ['a first write', 'a save with retention', 'a checkpoint set aside'] as const) {
  test(`notices each sync left out and each exchange of two renames or removals in ${name}`, () => {
    const scenario = scenarios[name];
    const unnoticed: string[] = [];
    for (const operation of ['sync', 'syncDir', 'rename', 'unlink'] as const) {
      for (let nth = 1; nth <= countOf(scenario, operation); nth++) {
        const report = law(scenario, { sabotage: (fs) => sabotage(fs, operation, nth) });
        if (report.violations.length === 0) unnoticed.push(`${name}: ${operation} ${nth}`);
      }
    }
    assert.equal(
      unnoticed,
      harmless.filter((mutation) => mutation.startsWith(name)),
    );
  });
}

function countOf(scenario: (store: CheckpointStore) => void, operation: Sabotaged): number {
  const fileSystem = recordingFileSystem(memoryFileSystem());
  scenario(fileStore('/run', { fileSystem, processes: fakeProcessTable() }));
  return fileSystem.calls.filter(([name]) => name === operation).length;
}

test.after(() => counted('enumerated crashes of the commit protocol', counts));

test.run();
