import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { counted, seed, times } from './soak.js';
import { type Ended, type Started, startDigits, startTrainer } from './start-trainer.js';

const test = suite('a training process under SIGKILL');
/** Of the time of a run that starts afresh: one that goes on is shorter. */
const KILL_SHARE = 0.7;

interface Victim {
  readonly what: string;
  readonly kills: number;
  readonly start: (folder: string) => Started;
}

const victims: readonly Victim[] = [
  {
    what: 'the trainer',
    kills: times(15, 500),
    start: (dir) => startTrainer({ dir, steps: 80, 'save-steps': 1, 'size-bytes': 40_000 }),
  },
  {
    what: 'the trainer whose worker thread saves',
    kills: times(8, 300),
    start: (dir) => startTrainer({ dir, steps: 400, 'step-ms': 2, 'save-steps': 3, 'size-bytes': 40_000, async: true }),
  },
  {
    what: 'the digits example',
    kills: times(2, 200),
    start: (dir) => startDigits(['--dir', dir, '--plain', '--steps', '40', '--save-steps', '5']),
  },
];

for (const victim of victims) {
  test(`loses nothing that was acknowledged and ends as if nothing had happened: ${victim.what}`, async () => {
    const { path, dispose } = temporaryFolder();
    const instants = random(seed, victim.what);
    const counts = { kills: 0, runs: 0, 'acknowledged saves': 0 };
    try {
      const startedAt = performance.now();
      const straight = await victim.start(join(path, 'straight')).ended;
      // It is killed at any instant of a run, on whatever machine.
      const runMs = performance.now() - startedAt;
      assert.is(straight.code, 0, straight.stderr);
      assert.ok(straight.final);
      while (counts.kills < victim.kills)
        await killUntilDone(
          victim,
          join(path, 'cut'),
          straight.final,
          counts,
          () => KILL_SHARE * runMs * instants.uniform(),
        );
      counted(`SIGKILL of ${victim.what}`, { ...counts, violations: 0 });
    } finally {
      dispose();
    }
  });
}

/** Kills and restarts until a run comes to its end between two kills. */
async function killUntilDone(
  { what, kills, start }: Victim,
  folder: string,
  expected: string,
  counts: Record<'kills' | 'runs' | 'acknowledged saves', number>,
  nextMs: () => number,
): Promise<void> {
  let acknowledged: number | undefined;
  let ended: Ended | undefined;
  while (ended?.final === undefined) {
    const { child, ended: end } = start(folder);
    if (counts.kills < kills) {
      void sleep(nextMs()).then(() => child.kill('SIGKILL'));
    }
    ended = await end;
    const at = `${what}, seed ${seed}, kill ${counts.kills}`;
    assert.ok(ended.signal === 'SIGKILL' || ended.code === 0, `${at}: exit ${ended.code}, ${ended.stderr}`);
    if (ended.signal === 'SIGKILL') counts.kills++;
    counts['acknowledged saves'] += ended.saved.length;
    acknowledged = ended.saved.at(-1) ?? acknowledged;
    lookAtFolder(folder, acknowledged, at);
  }
  assert.is(ended.final, expected, `${what}, seed ${seed}: a killed run ended differently`);
  expectTidy(folder, what);
  counts.runs++;
  rmSync(folder, { recursive: true });
}

test.run();
