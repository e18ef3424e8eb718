import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { builtPage } from './built-page.js';
import { type Measured, measuredOf } from './measure.js';

const CLIENTS = 64;
const WATCHED_MS = 2000;
const ROUNDS = 7;

/** By how many per cent a step takes longer while 64 browsers listen to the run's dashboard, measured in turn. */
export async function watchedTraining(): Promise<Measured> {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const program = fileURLToPath(new URL('./served-trainer.ts', import.meta.url));
  const trainer = spawn(process.execPath, ['--import', 'tsx', program, join(root, 'run'), builtPage()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: trainer.stdout })[Symbol.asyncIterator]();
    const line = async (): Promise<string> => String((await lines.next()).value);
    const url = await line();
    const stepMs = async (): Promise<number> => {
      trainer.stdin.write('\n');
      await line();
      await delay(WATCHED_MS);
      trainer.stdin.write('\n');
      return Number(await line());
    };
    const changes: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const before = await stepMs();
      const clients = Array.from({ length: CLIENTS }, () =>
        get(`${url}api/events?run=run`, (response) => response.resume()).on('error', () => {}),
      );
      await delay(200);
      const watched = await stepMs();
      for (const client of clients) client.destroy();
      await delay(200);
      const after = await stepMs();
      if (round >= 0) changes.push(100 * (watched / ((before + after) / 2) - 1));
    }
    return measuredOf(changes);
  } finally {
    trainer.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}
