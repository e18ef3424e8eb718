import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { counted, seed, times } from './soak.js';
import { type Ended, startTrainer } from './start-trainer.js';

const test = suite('a training process that is told to stop');
const RUN = { steps: 500, 'step-ms': 2, 'save-steps': 3, 'size-bytes': 60_000 };
const CODES = { SIGTERM: 143, SIGINT: 130 } as const;

for (const [name, isAsync] of [
  ['in its own thread', false],
  ['in a worker thread', true],
] as const) {
  test(`ends in order at any instant, saving ${name}: start, restore, step, save, twice`, async () => {
    const instants = random(seed, name);
    const between = (limit: number): number => (limit * instants.nextUint32()) / 2 ** 32;
    const counts = { signals: 0, 'before it listened': 0, 'stopped in order': 0, 'second signals': 0, violations: 0 };
    const { path, dispose } = temporaryFolder();
    try {
      // At any instant of a run, on whatever machine.
      const latestMs = 0.9 * (await timeOf({ dir: join(path, 'straight'), ...RUN, async: isAsync }));
      let [folder, acknowledged] = [join(path, '0'), undefined as number | undefined];
      while (counts.signals < times(10, 250)) {
        const signal = counts.signals % 2 === 0 ? 'SIGTERM' : 'SIGINT';
        const isTwice = counts.signals % 3 === 2;
        const { child, ended: end } = startTrainer({ dir: folder, ...RUN, async: isAsync });
        void sleep(between(latestMs)).then(async () => {
          child.kill(signal);
          if (!isTwice) return;
          await sleep(between(15));
          child.kill(signal);
        });
        const ended = await end;
        const what = `${signal} ${counts.signals}${isTwice ? ' twice' : ''}, seed ${seed}`;
        acknowledged = ended.saved.at(-1) ?? acknowledged;
        lookAtFolder(folder, acknowledged, what);
        if (ended.code !== 0 || ended.final === undefined) counts.signals++;
        if (isTwice) counts['second signals']++;
        expectEnd(ended, signal, isTwice, what);
        // Before there is a run, the signal does what it always does.
        if (ended.signal !== null) counts['before it listened']++;
        if (ended.code === CODES[signal] && ended.final !== undefined) {
          counts['stopped in order']++;
          const [step] = ended.lines.flatMap((line) => /^ended (\d+)/.exec(line)?.[1] ?? []).map(Number);
          assert.is(lookAtFolder(folder, acknowledged, what), step, `${what}: the last step is not saved`);
          expectTidy(folder, what);
        }
        if (acknowledged === 500) [folder, acknowledged] = [join(path, `${counts.signals}`), undefined];
      }
      counted(`signals to a trainer that saves ${name}`, counts);
    } finally {
      dispose();
    }
  });
}

/** How long a run takes that nothing befalls. */
async function timeOf(run: Parameters<typeof startTrainer>[0]): Promise<number> {
  const startedAt = performance.now();
  const { code, stderr } = await startTrainer(run).ended;
  assert.is(code, 0, stderr);
  return performance.now() - startedAt;
}

function expectEnd({ code, signal, stderr }: Ended, sent: keyof typeof CODES, isTwice: boolean, what: string): void {
  const isInOrder = code === CODES[sent] || code === 0;
  const isBefore = code === null && signal === sent;
  assert.ok(isInOrder || isBefore, `${what}: exit ${code} ${signal}, ${stderr}`);
  if (!isTwice) assert.not.match(stderr, 'failed', what);
}

test('leaves the last good checkpoint, and names it, where the grace is too short for a save', async () => {
  const { path, dispose } = temporaryFolder();
  try {
    const folder = join(path, 'run');
    // A sync of a file takes 150 ms, of which a save has four.
    const run = { dir: folder, steps: 10_000, 'step-ms': 5, 'save-steps': 5000, 'slow-sync-ms': 150 };
    const { ended } = startTrainer(
      { ...run, 'grace-seconds': 0.3 },
      { onLine: (line, child) => void (line === 'saved 0' && setTimeout(() => child.kill('SIGTERM'), 100)) },
    );
    const { code, stderr, saved, lines } = await ended;
    assert.is(code, 143, stderr);
    assert.equal(saved, [0]);
    assert.match(stderr, /SIGTERM: 0\.3 s left, a save may take [\d.]+ s: there is no time for a save/);
    assert.ok(lines.some((line) => line.startsWith('ended ')));
    assert.is(lookAtFolder(folder, 0, 'a short grace'), 0);
    expectTidy(folder, 'a short grace');
  } finally {
    dispose();
  }
});

test('saves the last step where the grace is long enough', async () => {
  const { path, dispose } = temporaryFolder();
  try {
    const folder = join(path, 'run');
    const { ended } = startTrainer(
      { dir: folder, steps: 10_000, 'step-ms': 5, 'save-steps': 5000, 'slow-sync-ms': 50, 'grace-seconds': 10 },
      { onLine: (line, child) => void (line === 'saved 0' && setTimeout(() => child.kill('SIGTERM'), 100)) },
    );
    const { code, stderr, saved } = await ended;
    assert.is(code, 143, stderr);
    assert.is(saved.length, 2);
    assert.match(stderr, /the last step will be saved/);
    lookAtFolder(folder, saved.at(-1), 'a long grace');
  } finally {
    dispose();
  }
});

test('ends when the grace is over, though a step does not, and names the last good checkpoint', async () => {
  const { path, dispose } = temporaryFolder();
  try {
    const folder = join(path, 'run');
    const { ended } = startTrainer(
      { dir: folder, steps: 2, 'step-ms': 30_000, 'grace-seconds': 0.4 },
      { onLine: (line, child) => void (line === 'saved 0' && setTimeout(() => child.kill('SIGINT'), 100)) },
    );
    const { code, stderr } = await ended;
    assert.is(code, 130, stderr);
    assert.match(
      stderr,
      /SIGINT: the grace of 0\.4 s is over, the process ends; the last good checkpoint is model\.ckpt-0/,
    );
    assert.is(lookAtFolder(folder, 0, 'a long step'), 0);
  } finally {
    dispose();
  }
});

test.run();
