import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { testWith } from './needs.js';
import { counted, isSoak, times } from './soak.js';
import { type Ended, startTrainer } from './start-trainer.js';

const test = suite('a training process whose system calls fail');

/** The calls that a save consists of. */
const CALLS = ['openat', 'write', 'fsync', 'rename', 'unlink'] as const;
type Call = (typeof CALLS)[number];

/** What befalls a call, in strace's words. Zero bytes taken and an interruption are no failures of a write. */
const FAULTS: Readonly<Record<Call, readonly string[]>> = {
  openat: ['error=EMFILE', 'error=EACCES'],
  write: ['error=EIO', 'error=ENOSPC', 'error=EINTR', 'retval=0'],
  fsync: ['error=EIO', 'error=ENOSPC'],
  rename: ['error=EIO', 'error=EROFS'],
  unlink: ['error=EIO'],
};

// The first save, and some with retention, so that every kind of operation comes.
const SAVES = times(4, 5);
const RUN = { steps: SAVES - 1, keep: 2, 'size-bytes': 8192 };
// In quick runs every so-manieth call is tried; a prime, so that all phases of a save have their turn.
const STRIDE = isSoak ? 1 : 11;

interface Place {
  readonly folder: string;
  readonly log: string;
}

testWith(test, ['strace'], 'loses nothing when it is killed at any call of a save', async () => {
  await withPlace(async (place) => {
    const { final, calls } = await listCalls(place);
    const counts: Record<string, number> = { kills: 0, violations: 0 };
    for (const { call, nth } of calls.filter(({ call }, index) => call === 'rename' || index % STRIDE === 0)) {
      const what = `SIGKILL at ${call} ${nth}`;
      const { ended } = await inject(place, call, `signal=SIGKILL:when=${nth}`);
      assert.is(ended.signal, 'SIGKILL', `${what}: exit ${ended.code}, ${ended.stderr}`);
      lookAtFolder(place.folder, ended.saved.at(-1), what);
      await finish(place, final, what);
      counts['kills'] = (counts['kills'] ?? 0) + 1;
    }
    counted('SIGKILL at the n-th system call', counts);
    assert.ok((counts['kills'] ?? 0) >= 5);
  });
});

testWith(
  test,
  ['strace'],
  'asks the system for what the protocol says: a file synced before its name, the folder after',
  async () => {
    await withPlace(async (place) => {
      const ended = await trace(place, ['-e', 'trace=fsync,rename']);
      assert.ok(ended.final, ended.stderr);
      let [renames, pending] = [0, [] as string[]];
      const synced = new Set<string>();
      for (const line of readFileSync(place.log, 'utf8').split('\n')) {
        const [, file] = / fsync\(\d+<([^>]+)>/.exec(line) ?? [];
        const [, from, to] = / rename\("([^"]+)", "([^"]+)"/.exec(line) ?? [];
        if (file === place.folder) pending = [];
        else if (file !== undefined) synced.add(file);
        if (from === undefined || to === undefined || !to.startsWith(place.folder) || to.endsWith('.lock')) continue;
        renames++;
        assert.ok(synced.has(from), `${to} got its name before its bytes were synced`);
        // Only the data may wait for others of its checkpoint.
        const isMarker = to.endsWith('.index') || to.endsWith('/checkpoint');
        if (isMarker) assert.equal(pending, [], `${to} before the names of what it refers to were synced`);
        pending.push(to);
      }
      assert.equal(pending, [], 'renamed, but the folder was not synced any more');
      assert.is(renames, SAVES * 4, 'data, record, index and state file of each save');
    });
  },
);

testWith(test, ['strace'], 'fails cleanly or goes on, whatever call of a save fails', async () => {
  await withPlace(async (place) => {
    const { final, calls } = await listCalls(place);
    const counts = { faults: 0, survived: 0, 'failed cleanly': 0, violations: 0 };
    const cases = calls.flatMap(({ call, nth }) => FAULTS[call].map((fault) => ({ call, nth, fault })));
    for (const { call, nth, fault } of cases.filter((_, index) => index % (STRIDE * 2) === 0 || isSoak)) {
      const what = `${fault} at ${call} ${nth}`;
      const { ended, hit } = await inject(place, call, `${fault}:when=${nth}`);
      // Node's own calls are not the point: with another thread in the way the n-th one may be one of them.
      if (hit.includes(place.folder)) {
        assert.ok(
          ended.signal === null && (ended.code === 0 || ended.code === 1),
          `${what}: ${ended.code} ${ended.signal}`,
        );
        if (ended.code === 1) assert.match(ended.stderr, /failed STORAGE_\w+ /, what);
        const mustSurvive = call === 'write' && /EINTR|retval/.test(fault);
        if (mustSurvive) assert.is(ended.final, final, what);
        counts.faults++;
        counts[ended.code === 0 ? 'survived' : 'failed cleanly']++;
      }
      lookAtFolder(place.folder, ended.saved.at(-1), what);
      await finish(place, final, what);
    }
    counted('faults injected into system calls', counts);
    assert.ok(counts.faults >= 5 && counts['failed cleanly'] > 0, JSON.stringify(counts));
  });
});

/** The calls of a whole run that concern its folder, and the hash with which it ends. */
async function listCalls(
  place: Place,
): Promise<{ readonly final: string; readonly calls: readonly { readonly call: Call; readonly nth: number }[] }> {
  const ended = await trace(place, ['-e', `trace=${CALLS.join(',')}`]);
  assert.ok(ended.final, ended.stderr);
  rmSync(place.folder, { recursive: true });
  const lines = readFileSync(place.log, 'utf8').split('\n');
  const main = lines[0]?.split(' ')[0];
  const counts = new Map<Call, number>();
  const calls = [];
  for (const line of lines) {
    const [pid, call] = line.split(/[\s(]+/) as [string, Call];
    if (pid !== main || !CALLS.includes(call)) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (line.includes(place.folder)) calls.push({ call, nth });
  }
  return { final: ended.final, calls };
}

/** Runs the trainer with one fault; `hit` is what strace says of the call that it befell. */
async function inject(
  place: Place,
  call: Call,
  fault: string,
): Promise<{ readonly ended: Ended; readonly hit: string }> {
  const ended = await trace(place, ['-e', `trace=${call}`, '-e', `inject=${call}:${fault}`]);
  const hit = readFileSync(place.log, 'utf8')
    .split('\n')
    .find((line) => line.endsWith('(INJECTED)'));
  return { ended, hit: hit ?? '' };
}

function trace({ folder, log }: Place, options: readonly string[]): Promise<Ended> {
  return startTrainer({ dir: folder, ...RUN }, { through: ['strace', '-f', '-qq', '-y', '-o', log, ...options] }).ended;
}

/** Starts it again, without a fault: it must end as a run that nothing befell. */
async function finish({ folder }: Place, final: string, what: string): Promise<void> {
  const ended = await startTrainer({ dir: folder, ...RUN }).ended;
  assert.is(ended.final, final, `${what}, then started again: ${ended.stderr}`);
  expectTidy(folder, what);
  rmSync(folder, { recursive: true });
}

async function withPlace(body: (place: Place) => Promise<void>): Promise<void> {
  const { path, dispose } = temporaryFolder();
  try {
    await body({ folder: join(path, 'run'), log: join(path, 'strace.log') });
  } finally {
    dispose();
  }
}

test.run();
