import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { verifyCheckpoint } from '../testing/crash/checkpoint-files.js';
import { temporaryFolder } from './temporary-folder.js';

const test = suite('fileStore under SIGKILL');
const writerPath = fileURLToPath(new URL('kill-loop-writer.ts', import.meta.url));
const KILLS = 8;

test('keeps what was acknowledged, shows nothing that is not whole, and goes on', async () => {
  const { path, dispose } = temporaryFolder();
  try {
    const store = fileStore(path);
    let next = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await runAndKill(path, next, 3 + kill * 5);
      const prefixes = answerOf(store.list(['.index']));
      for (const prefix of prefixes) {
        const opened = answerOf(store.open(prefix));
        verifyCheckpoint(opened);
        opened.close();
      }
      const state = new TextDecoder().decode(answerOf(store.readState()));
      assert.ok(prefixes.includes(state), `${state} is not there`);
      assert.ok(prefixes.includes(`m-${acknowledged}`), `acknowledged m-${acknowledged} is lost`);
      assert.ok(prefixes.length <= 3, prefixes.join());
      next = Math.max(...prefixes.map((prefix) => Number(prefix.slice(2)))) + 1;
    }
    answerOf(store.lock()).release();
    assert.equal(
      readdirSync(path).filter((name) => name.startsWith('.') || name.endsWith('.lock')),
      [],
    );
  } finally {
    dispose();
  }
});

/** Returns the last step that the writer said was acknowledged before it was killed. */
function runAndKill(path: string, first: number, delayMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, ['--import', 'tsx', writerPath, path, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      if (said === '') setTimeout(() => writer.kill('SIGKILL'), delayMs);
      said += chunk.toString();
    });
    writer.once('close', () => {
      const last = said.split('\n').at(-2);
      if (last === undefined) reject(new Error('the writer ended before its first save'));
      else resolve(Number(last));
    });
  });
}

test.run();
