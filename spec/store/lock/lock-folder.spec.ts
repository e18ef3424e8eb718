import { type ChildProcess, fork } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StorageError } from '../../../lib/error/storage-error.js';
import { StoreInUseError } from '../../../lib/error/store-in-use-error.js';
import { patientFileSystem } from '../../../lib/store/file/patient-file-system.js';
import { fileStore } from '../../../lib/store/file-store.js';
import type { FileSystem } from '../../../lib/store/file-system.js';
import { lockFolder } from '../../../lib/store/lock/lock-folder.js';
import type { Writer } from '../../../lib/store/lock/process-table.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { fakeProcessTable } from '../../../lib/testing/crash/fake-process-table.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { temporaryFolder } from '../temporary-folder.js';
import type { LockAnswer } from './lock-holder.js';

const test = suite('lockFolder');
const ROUNDS = 200;
const holderPath = fileURLToPath(new URL('lock-holder.ts', import.meta.url));

/** A folder in memory, on a system whose kernel holds names, or not. */
function place(hasHold: boolean) {
  const memory = memoryFileSystem();
  memory.mkdir('/run');
  const kept: FileSystem = hasHold ? memory : { ...memory, hold: () => 'unsupported' };
  const patient = patientFileSystem(kept, '/run');
  const lock = (self: Partial<Writer> = {}, { alive = new Map<number, string>(), isForced = false } = {}) =>
    lockFolder(patient, fakeProcessTable(self, alive), '/run', isForced);
  /** Leaves a lock file as a process leaves it that is killed. */
  const leave = (self: Partial<Writer>): void => {
    const { release } = lock({ token: 'dead0000', ...self });
    const name = '/run/tidemark.lock';
    patient.rename(name, '/run/kept');
    release();
    patient.rename('/run/kept', name);
  };
  return { lock, leave, names: () => memory.readdir('/run'), memory };
}

for (const hasHold of [true, false]) {
  const where = hasHold ? 'with names held by the kernel' : 'with a lock file alone';

  test(`${where}: is taken by one, released, taken by the next`, () => {
    const { lock, names, memory } = place(hasHold);
    const first = lock();
    assert.equal(names(), ['tidemark.lock']);
    assert.throws(() => lock(), /in use by pid 100 on here since 2026-01-02T03:04:05.000Z/);
    first.release();
    assert.equal(names(), []);
    const second = lock();
    first.release();
    assert.equal(names(), ['tidemark.lock']);
    assert.is(second.takenOverFrom, undefined);
    second.release();
    assert.is(memory.openCount(), 0);
  });

  test(`${where}: takes over from the dead only`, () => {
    const alive = new Map([[7, '70']]);
    const cases: readonly [name: string, holder: Partial<Writer>, isTaken: boolean][] = [
      ['a process that is gone', { pid: 8, start: '80' }, true],
      ['one whose pid another has now', { pid: 7, start: '69' }, true],
      ['one that lives', { pid: 7, start: '70' }, false],
      ['one of an unknown start that lives', { pid: 7, start: '0' }, false],
      ['one from before a reboot', { pid: 7, start: '70', boot: 'boot-0' }, true],
      ['one on another machine', { pid: 8, host: 'there', boot: 'boot-9' }, false],
      ['one in a container that was started anew', { pid: 7, start: '70', pidSpace: 'pids-0' }, true],
      ['one in a container beside this one', { pid: 7, host: 'beside', pidSpace: 'pids-9' }, false],
    ];
    for (const [name, holder, isTaken] of cases) {
      const { lock, leave, names } = place(hasHold);
      leave(holder);
      if (isTaken) {
        const taken = lock({}, { alive });
        assert.is(taken.takenOverFrom?.pid, holder.pid, name);
        taken.release();
        assert.equal(names(), [], name);
      } else {
        assert.throws(() => lock({}, { alive }), inUseBy(holder.pid), name);
        assert.equal(names(), ['tidemark.lock'], name);
      }
    }
  });

  test(`${where}: is forced from a machine that cannot be asked, not from a process that lives`, () => {
    const { lock, leave } = place(hasHold);
    leave({ pid: 8, host: 'there', boot: 'boot-9' });
    try {
      lock();
      assert.unreachable();
    } catch (error) {
      assert.match((error as StoreInUseError).hint ?? '', '--force');
    }
    lock({}, { isForced: true });
    assert.throws(() => lock({}, { isForced: true }), inUseBy(100));
  });

  test(`${where}: a lock file that is no lock file`, () => {
    for (const content of ['', '{"pid":', 'null', '{"pid":"1"}', 'x'.repeat(70_000)]) {
      const { lock, memory } = place(hasHold);
      const file = memory.openNew('/run/tidemark.lock');
      memory.write(file, new TextEncoder().encode(content));
      memory.close(file);
      // The kernel knows that nobody has the folder; without it, nobody does.
      if (hasHold) lock().release();
      else assert.throws(() => lock(), /in use by another process/);
      if (!hasHold) lock({}, { isForced: true }).release();
    }
  });
}

test('lets one of two processes win every time, and the next one when that is killed', async () => {
  const { path, dispose } = temporaryFolder();
  const racers = [start(path), start(path)];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(racers.map((racer) => order(racer, 'lock')));
      assert.equal(answers.map(({ isHolder }) => isHolder).sort(), [false, true], `round ${round}`);
      const winner = racers[answers.findIndex(({ isHolder }) => isHolder)] ?? assert.unreachable();
      const loser = answers.find(({ isHolder }) => !isHolder);
      assert.match(loser?.message ?? '', `in use by pid ${winner?.pid} on `, `round ${round}`);
      if (round < ROUNDS - 1) await Promise.all(racers.map((racer) => order(racer, 'release')));
      else await checkKilled(path, winner as ChildProcess);
    }
  } finally {
    for (const racer of racers) racer.kill('SIGKILL');
    dispose();
  }
});

async function checkKilled(path: string, winner: ChildProcess): Promise<void> {
  const asked = performance.now();
  assert.throws(() => answerOf(fileStore(path).lock()), inUseBy(winner.pid));
  assert.ok(performance.now() - asked < 1000);

  const ended = new Promise((resolve) => winner.once('exit', resolve));
  winner.kill('SIGKILL');
  await ended;
  const lock = answerOf(fileStore(path).lock());
  assert.is(lock.takenOverFrom?.pid, winner.pid);
  lock.release();
  assert.equal(fs.readdirSync(path), []);
}

test('sweeps what a killed process was writing, and nothing that a live one is', () => {
  const { path, dispose } = temporaryFolder();
  try {
    const store = fileStore(path);
    const seen: string[] = [];
    function* watching(): Generator<Uint8Array> {
      yield new Uint8Array(3);
      const lock = answerOf(fileStore(path).lock());
      seen.push(...lock.swept);
      lock.release();
    }
    // The name of a writer whose pid lives no more, but else of this very machine.
    function* planting(): Generator<Uint8Array> {
      const [name = ''] = fs.readdirSync(path);
      fs.writeFileSync(join(path, name.replace(`-${process.pid}-`, '-4194999-')), 'half');
      yield* watching();
    }
    answerOf(store.write('m', [{ suffix: '.index', chunks: planting() }]));
    assert.is(seen.length, 1);
    assert.match(seen[0] ?? '', '-4194999-');
    assert.equal(fs.readdirSync(path), ['m.index']);
  } finally {
    dispose();
  }
});

test('is refused to a worker thread of the holder, which may write', async () => {
  const { path, dispose } = temporaryFolder();
  const lock = answerOf(fileStore(path).lock());
  try {
    const worker = new Worker(new URL('lock-worker.mjs', import.meta.url), { workerData: path });
    const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.equal(answer, { lock: 'STORE_IN_USE', written: 3 });
    await worker.terminate();
    assert.ok(fs.existsSync(join(path, 'm.index')));
  } finally {
    lock.release();
    dispose();
  }
});

function start(path: string): ChildProcess {
  return fork(holderPath, [path], { execArgv: ['--import', 'tsx'] });
}

function order(racer: ChildProcess, what: 'lock' | 'release'): Promise<LockAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the racer ended without a word'));
    racer.once('exit', ended);
    racer.once('message', (answer) => {
      racer.off('exit', ended);
      resolve(answer as LockAnswer);
    });
    racer.send(what);
  });
}

function inUseBy(pid: number | undefined) {
  return (error: unknown): boolean => error instanceof StoreInUseError && error.holder?.pid === pid;
}

test('with a lock file alone: says why it cannot make one, and leaves alone what another has made', () => {
  const { lock, names, memory, leave } = place(false);
  const starved: FileSystem = {
    ...memory,
    hold: () => 'unsupported',
    openNew: () => {
      if (names().length === 0) leave({ pid: 7, start: '70' });
      throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    },
  };
  const patient = patientFileSystem(starved, '/run');
  assert.throws(
    () => lockFolder(patient, fakeProcessTable(), '/run', false),
    (error: unknown) => error instanceof StorageError && error.fault === 'TOO_MANY_OPEN_FILES',
  );
  assert.equal(names(), ['tidemark.lock']);
  lock().release();
});

test.run();
