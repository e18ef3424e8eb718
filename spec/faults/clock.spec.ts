import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCheckpoints } from '../../lib/checkpoint/find-checkpoints.js';
import { DEFAULT_FORMATS } from '../../lib/checkpoint/read-checkpoint.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { sh, testWith } from './needs.js';
import { counted, isSoak } from './soak.js';
import { type Ended, startTrainer } from './start-trainer.js';

const test = suite('a training process whose wall clock jumps');
const SAVE_SECONDS = 0.15;
/** Far below what the smallest jump would add, far above what a busy machine does. */
const LATEST_SECONDS = 60;
const RUN = { steps: 150, 'step-ms': 8, 'save-seconds': SAVE_SECONDS, keep: 50 } as const;

/** What the wall clock shows from some moment on, as libfaketime reads it. */
const JUMPS: readonly string[] = [
  '-3600',
  '+3600',
  '@1970-01-02 00:00:00',
  '@2038-01-19 03:14:06',
  '@2100-03-01 00:00:00',
  '-86400',
  '+31536000',
  '@2000-02-29 23:59:58',
];
let counts = 0;
const jumps = isSoak ? JUMPS : JUMPS.slice(0, 3);

for (const jump of jumps) {
  testWith(test, ['faketime'], `keeps its intervals, its order and its names when it jumps to ${jump}`, async () => {
    const { path, dispose } = temporaryFolder();
    try {
      const folder = join(path, 'run');
      const clock = join(path, 'clock');
      writeFileSync(clock, '+0\n');
      let isDone = false;
      const { ended } = startTrainer(
        { dir: folder, ...RUN },
        {
          env: { ...fakeTime(), FAKETIME_TIMESTAMP_FILE: clock },
          onLine: (line) => {
            if (isDone || !line.startsWith('saved') || line === 'saved 0') return;
            isDone = true;
            writeFileSync(clock, `${jump}\n`);
          },
        },
      );
      check(await ended, folder, jump);
      assert.ok(isDone);
      counts++;
      assert.ok(shiftOf(folder) > 1000, `${jump} did not reach the process`);
    } finally {
      dispose();
    }
  });

  testWith(test, ['faketime'], `goes on where another clock said ${jump}`, async () => {
    const { path, dispose } = temporaryFolder();
    try {
      const folder = join(path, 'run');
      const first = await startTrainer({ dir: folder, ...RUN, steps: 60 }).ended;
      assert.is(first.code, 0, first.stderr);
      const second = await startTrainer({ dir: folder, ...RUN }, { env: { ...fakeTime(), FAKETIME: jump } }).ended;
      check(second, folder, jump);
      counts++;
      assert.ok(shiftOf(folder) > 1000, `${jump} did not reach the process`);
      assert.equal(second.lines[0], 'begun 60');
    } finally {
      dispose();
    }
  });
}

/** The order in which checkpoints come, and the time between them, are those of a clock that runs evenly. */
function check(ended: Ended, folder: string, jump: string): void {
  assert.is(ended.code, 0, `${jump}: ${ended.stderr}`);
  assert.is(lookAtFolder(folder, RUN.steps, jump), RUN.steps);
  expectTidy(folder, jump);
  const saves = ended.lines.flatMap((line) => {
    const [, step, at] = /^saving (\d+) at (\d+)/.exec(line) ?? [];
    return step === undefined ? [] : [{ step: Number(step), at: Number(at) }];
  });
  // The last save is at the end of the run, whenever that comes.
  const byTime = saves.slice(0, -1);
  assert.ok(byTime.length >= 3, `${jump}: ${saves.length} saves`);
  for (const [i, { step, at }] of byTime.entries()) {
    const before = byTime[i - 1];
    if (before === undefined) continue;
    assert.ok(step > before.step);
    const seconds = (at - before.at) / 1000;
    assert.ok(seconds > SAVE_SECONDS - 0.02 && seconds < LATEST_SECONDS, `${jump}: ${seconds} s between two saves`);
  }
  const prefixes = readdirSync(folder).filter((name) => name.endsWith('.index'));
  for (const { step } of saves) assert.ok(prefixes.includes(`model.ckpt-${step}.index`), `${jump}: ${step}`);
}

/** By how much the time at which the newest checkpoint says it was saved is not that of this machine. */
function shiftOf(folder: string): number {
  const newest = answerOf(findCheckpoints(fileStore(folder), DEFAULT_FORMATS)).at(-1);
  return Math.abs((newest?.savedAt ?? 0) - Date.now() / 1000);
}

function fakeTime(): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: sh('faketime', '-f', '+0', 'printenv', 'LD_PRELOAD').trim(),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

test.after(() => counted('jumps of the wall clock', { jumps: counts, violations: 0 }));
test.run();
