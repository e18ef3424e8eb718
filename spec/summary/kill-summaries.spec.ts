import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../lib/format/byte-source.js';
import { readEvents } from '../../lib/format/event/read-events.js';
import { counted, times } from '../faults/soak.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { scalarsIn, viewOf } from './read-scalars.js';

const test = suite('summaries under SIGKILL');
const writerPath = fileURLToPath(new URL('kill-summary-writer.ts', import.meta.url));
const LAST_STEP = 2000;
const KILLS = 4;

for (const order of ['savesFirst', 'savesLast']) {
  test(`every record stays readable, and the curves of the resumed run are whole: ${order}`, async () => {
    let [runs, kills] = [0, 0];
    for (let nth = 0; nth < times(1, 20); nth++) {
      const killed = await killAndFinish(order, nth);
      kills += killed;
      runs += killed + 1;
    }
    counted(`summaries under SIGKILL, ${order}`, { runs, kills, 'different curves': 0 });
  });
}

/** Kills a run again and again, lets it go on to its end, and compares. Returns the kills. */
async function killAndFinish(order: string, nth: number): Promise<number> {
  const { path, dispose } = temporaryFolder();
  try {
    let saved = 0;
    let hasEnded = false;
    for (let kill = 0; kill < KILLS && !hasEnded; kill++) {
      const before = recordsIn(path);
      ({ saved, hasEnded } = await run(path, order, 10 + kill * 23 + nth * 7));
      const after = recordsIn(path);
      // What was there still is, byte for byte, and only a tail may be cut.
      for (const [name, whole] of before) assert.is(after.get(name), whole, name);
      assert.ok(after.size > before.size, 'a resumed run opens a file of its own');
      const steps = scalarsIn(viewOf(filesIn(path))).get('next') ?? [];
      assert.ok(steps.length >= saved, `${steps.length} points after ${saved} was saved`);
    }
    assert.ok(!hasEnded, 'it was killed before its end');
    assert.ok((await run(path, order, undefined)).hasEnded);

    const scalars = scalarsIn(viewOf(filesIn(path)));
    const steps = Array.from({ length: LAST_STEP }, (_, i) => i + 1);
    assert.equal(
      scalars.get('next'),
      steps.map((step) => [step, step]),
    );
    assert.equal(
      scalars.get('weight'),
      steps.map((step) => [step, step / 8]),
    );
    return KILLS;
  } finally {
    dispose();
  }
}

/** How many whole records each event file has; a record that is broken, not cut, throws. */
function recordsIn(path: string): Map<string, number> {
  const names = namesIn(path);
  return new Map(
    names.map((name, i) => [
      name,
      [...readEvents(bytesSource(name, filesIn(path)[i] as Uint8Array), { tail: 'await' })].length,
    ]),
  );
}

function filesIn(path: string): Uint8Array[] {
  return namesIn(path).map((name) => new Uint8Array(readFileSync(join(path, name))));
}

function namesIn(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.includes('tfevents'))
    .sort();
}

/** @param delayMs when to kill it after its first save; `undefined`: not at all */
function run(
  path: string,
  order: string,
  delayMs: number | undefined,
): Promise<{ readonly saved: number; readonly hasEnded: boolean }> {
  return new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, ['--import', 'tsx', writerPath, path, String(LAST_STEP), order], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      if (said === '' && delayMs !== undefined) setTimeout(() => writer.kill('SIGKILL'), delayMs);
      said += chunk.toString();
    });
    writer.once('close', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') reject(new Error(`the writer ended with ${signal ?? code}`));
      else resolve({ saved: Number(said.split('\n').at(-2) ?? 0), hasEnded: code === 0 });
    });
  });
}

test.run();
