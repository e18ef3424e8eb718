import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../store/temporary-folder.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { counted, times } from './soak.js';
import { startDigits, startTrainer } from './start-trainer.js';

const test = suite('two starts on one folder');
const REFUSED = /in use by pid (\d+) on (\S+) since (\d{4}-\d\d-\d\dT[\d:.]+Z)/;

test('the second start of the example is refused, and told who holds the folder', async () => {
  const { path, dispose } = temporaryFolder();
  try {
    const folder = join(path, 'run');
    const args = ['--dir', folder, '--plain', '--steps', '100000', '--save-steps', '5'];
    let hear: (() => void) | undefined;
    const isSaving = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const first = startDigits(args, { onLine: (line) => line === 'saved step 5' && hear?.() });
    await Promise.race([isSaving, first.ended]);
    const second = await startDigits(args).ended;
    first.child.kill('SIGTERM');
    const { code, saved, stderr } = await first.ended;

    assert.ok((second.code ?? 0) > 0, second.stderr);
    const [, pid, host, since] = REFUSED.exec(second.stderr) ?? [];
    assert.equal([Number(pid), host], [first.child.pid, hostname()], second.stderr);
    assert.ok(Math.abs(Date.parse(since ?? '') - Date.now()) < 60_000, since);
    assert.equal(second.saved, []);
    // The first one is unharmed.
    assert.is(code, 143, stderr);
    assert.is(lookAtFolder(folder, saved.at(-1), 'the first'), saved.at(-1));
    expectTidy(folder, 'the first');
  } finally {
    dispose();
  }
});

test('of starts at the same time exactly one wins', async () => {
  const counts = { races: 0, refused: 0, violations: 0 };
  const { path, dispose } = temporaryFolder();
  try {
    for (; counts.races < times(4, 200); counts.races++) {
      const folder = join(path, `${counts.races}`);
      const started = [1, 2, 3].map(() => startTrainer({ dir: folder, steps: 1_000_000, 'step-ms': 5 }));
      const ends = started.map(({ ended }) => ended);
      // The one that goes on is stopped when the others have given up.
      let open = started.length;
      for (const end of ends) void end.then(() => open--);
      while (open > 1) await sleep(10);
      for (const { child } of started) child.kill('SIGTERM');
      const results = await Promise.all(ends);
      const what = `race ${counts.races}`;
      const winner = started[results.findIndex(({ code }) => code === 143)];
      assert.is(
        results.filter(({ code }) => code === 143).length,
        1,
        `${what}: ${results.map(({ stderr }) => stderr)}`,
      );
      for (const { code, stderr, saved } of results.filter((result) => result.code !== 143)) {
        assert.is(code, 1, what);
        assert.equal(saved, [], what);
        assert.is(Number(REFUSED.exec(stderr)?.[1]), winner?.child.pid, `${what}: ${stderr}`);
        counts.refused++;
      }
      lookAtFolder(folder, results.flatMap(({ saved }) => saved).at(-1), what);
      expectTidy(folder, what);
    }
    counted('starts at the same time on one folder', counts);
  } finally {
    dispose();
  }
});

test.run();
