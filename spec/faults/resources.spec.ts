import { existsSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { sh, testWith } from './needs.js';
import { counted, isSoak, times } from './soak.js';
import { type Ended, start, startTrainer, trainerPath } from './start-trainer.js';

const test = suite('a training process that runs out of something');

/** Runs in a shell that first sets limits for itself. */
const limited = (limits: string): readonly string[] => ['bash', '-c', `${limits} && exec "$@"`, 'bash'];

/** Asserts that a run failed with one of these errors of the store, and with nothing else. */
function expectFailure({ code, signal, stderr }: Ended, fault: RegExp, what: string): void {
  assert.equal([code, signal], [1, null], `${what}: ${stderr}`);
  assert.match(stderr, fault, `${what}: ${stderr}`);
}

testWith(
  test,
  ['root', 'mount'],
  'a full disk, in bytes: says so, keeps what there was, and goes on when there is space',
  async () => {
    const counts = { sizes: 0, 'failed cleanly': 0, survived: 0, violations: 0 };
    // Tmpfs counts in pages of 4 KiB.
    for (let kib = 48; kib < 48 + 4 * 200; kib += times(4 * 16, 4)) {
      await onTmpfs(`size=${kib}k`, async (path) => {
        const folder = join(path, 'run');
        const what = `a disk of ${kib} KiB`;
        const run = { dir: folder, steps: 6, keep: 3, 'size-bytes': 60_000 };
        const ended = await startTrainer(run).ended;
        counts.sizes++;
        counts[ended.code === 0 ? 'survived' : 'failed cleanly']++;
        if (ended.code !== 0) expectFailure(ended, /failed STORAGE_NO_SPACE .*no space left in .* MB free/, what);
        lookAtFolder(folder, ended.saved.at(-1), what);
        expectTidy(folder, what);
        sh('mount', '-o', 'remount,size=4m', path);
        const again = await startTrainer(run).ended;
        assert.is(again.code, 0, `${what}, grown: ${again.stderr}`);
      });
    }
    assert.ok(counts['failed cleanly'] > 0 && counts.survived > 0, JSON.stringify(counts));
    counted('full disks, in bytes', counts);
  },
);

testWith(test, ['root', 'mount'], 'a full disk, in files: says so and keeps what there was', async () => {
  const counts = { sizes: 0, 'failed cleanly': 0, survived: 0, violations: 0 };
  for (let files = 4; files <= 24; files += isSoak ? 1 : 5) {
    await onTmpfs(`size=8m,nr_inodes=${files}`, async (path) => {
      const folder = join(path, 'run');
      const what = `a disk for ${files} files`;
      const ended = await startTrainer({ dir: folder, steps: 6, keep: 3 }).ended;
      counts.sizes++;
      counts[ended.code === 0 ? 'survived' : 'failed cleanly']++;
      if (ended.code !== 0) expectFailure(ended, /failed STORAGE_NO_SPACE .*inodes/, what);
      lookAtFolder(folder, ended.saved.at(-1), what);
      expectTidy(folder, what);
      assert.ok(statfsSync(path).ffree >= 0);
    });
  }
  assert.ok(counts['failed cleanly'] > 0 && counts.survived > 0, JSON.stringify(counts));
  counted('full disks, in files', counts);
});

testWith(test, ['root', 'mount'], 'a file system that becomes read-only while it trains', async () => {
  await onTmpfs('size=8m', async (path) => {
    const folder = join(path, 'run');
    const { ended } = startTrainer(
      { dir: folder, steps: 100_000, 'step-ms': 5 },
      { onLine: once(/^saved 5$/, () => remountReadOnly(path)) },
    );
    const { saved, ...others } = await ended;
    expectFailure({ saved, ...others }, /failed STORAGE_READ_ONLY .*read-only/, 'read-only');
    lookAtFolder(folder, saved.at(-1), 'read-only');
    sh('mount', '-o', 'remount,rw', path);
    const again = await startTrainer({ dir: folder, steps: (saved.at(-1) ?? 0) + 5 }).ended;
    assert.is(again.code, 0, again.stderr);
    expectTidy(folder, 'writable again');
  });
});

testWith(test, ['root', 'chattr'], 'a folder that nobody may change', async () => {
  await inFolder(async (folder) => {
    await startTrainer({ dir: folder, steps: 3 }).ended;
    try {
      sh('chattr', '+i', folder);
    } catch {
      console.log('\nskipped: a folder that nobody may change: its file system knows no such attribute');
      return;
    }
    const ended = await startTrainer({ dir: folder, steps: 6 }).ended;
    sh('chattr', '-i', folder);
    expectFailure(ended, /failed STORAGE_PERMISSION .*not permitted/, 'chattr +i');
    assert.is(lookAtFolder(folder, 3, 'chattr +i'), 3);
  });
});

test('too many open files: works or says so', async () => {
  const counts = { limits: 0, 'failed cleanly': 0, survived: 0, 'Node did not start': 0, violations: 0 };
  for (let limit = 16; limit <= 30; limit += isSoak ? 1 : 2) {
    await inFolder(async (folder) => {
      const what = `ulimit -n ${limit}`;
      const ended = await startTrainer({ dir: folder, steps: 4 }, { through: limited(`ulimit -n ${limit}`) }).ended;
      counts.limits++;
      const isStarted = ended.lines.length > 0 || ended.stderr.includes('failed STORAGE');
      if (ended.code === 0) counts.survived++;
      else if (!isStarted) counts['Node did not start']++;
      else {
        counts['failed cleanly']++;
        expectFailure(ended, /failed STORAGE_TOO_MANY_OPEN_FILES .*too many open files/, what);
      }
      lookAtFolder(folder, ended.saved.at(-1), what);
    });
  }
  assert.ok(counts.survived > 0, JSON.stringify(counts));
  counted('limits of open files', counts);
});

test('a limit of the size of files: says so and keeps what there was', async () => {
  await inFolder(async (folder) => {
    const small = await startTrainer({ dir: join(folder, 'small'), steps: 4, 'size-bytes': 4096 }).ended;
    assert.is(small.code, 0);
    // In units of 1024 bytes; a write is cut at the limit before one fails.
    for (let limit = 1; limit <= 20; limit += isSoak ? 1 : 4) {
      const what = `ulimit -f ${limit}`;
      const run = join(folder, `${limit}`);
      const ended = await startTrainer({ dir: run, steps: 4 }, { through: limited(`ulimit -f ${limit}`) }).ended;
      if (ended.code !== 0) expectFailure(ended, /failed STORAGE_TOO_LARGE .*larger than allowed/, what);
      assert.is(ended.code === 0, limit > 16, what);
      lookAtFolder(run, ended.saved.at(-1), what);
      expectTidy(run, what);
    }
  });
});

for (const [what, act] of [
  ['removed', removeAtOnce],
  ['renamed', (folder: string) => renameSync(folder, `${folder}-elsewhere`)],
] as const) {
  test(`a folder that is ${what} while it trains is not made anew`, async () => {
    for (let nth = 0; nth < times(2, 20); nth++) {
      await inFolder(async (parent) => {
        const folder = join(parent, 'run');
        const { ended } = startTrainer(
          { dir: folder, steps: 100_000, 'step-ms': 5 },
          { onLine: once(new RegExp(`^saved ${3 + nth}$`), () => act(folder)) },
        );
        const result = await ended;
        expectFailure(result, /failed STORAGE_FOLDER_GONE .*gone/, what);
        assert.not.ok(existsSync(folder), `${what}: the folder is there again`);
        if (what === 'renamed') lookAtFolder(`${folder}-elsewhere`, result.saved.at(-1), what);
      });
    }
  });
}

test('a reader of its output that goes away does not stop the training', async () => {
  await inFolder(async (folder) => {
    const command = `"${process.execPath}" "${trainerPath()}" --dir="${folder}" --steps=40 --step-ms=5; echo "code $?" >&2`;
    const { stderr } = await start(['bash', '-c', `{ ${command}; } | head -1`]).ended;
    assert.match(stderr, /code 0\b/);
    assert.is(lookAtFolder(folder, 40, '| head -1'), 40);
  });
});

/** The system refuses it while a file is open for writing: it is asked again until the trainer is between two saves. */
function remountReadOnly(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      sh('mount', '-o', 'remount,ro', path);
      return;
    } catch (error) {
      if (tries === 200) throw error;
    }
  }
}

/** In one instant, for files are added to it all the while. */
function removeAtOnce(folder: string): void {
  renameSync(folder, `${folder}-removed`);
  rmSync(`${folder}-removed`, { recursive: true, maxRetries: 20 });
}

function once(pattern: RegExp, act: () => void): (line: string) => void {
  let isDone = false;
  return (line) => {
    if (isDone || !pattern.test(line)) return;
    isDone = true;
    act();
  };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const { path, dispose } = temporaryFolder();
  try {
    await body(path);
  } finally {
    dispose();
  }
}

async function onTmpfs(options: string, body: (path: string) => Promise<void>): Promise<void> {
  await inFolder(async (path) => {
    sh('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path);
    try {
      await body(path);
    } finally {
      sh('umount', path);
    }
  });
}

test.run();
