// A run that serves its dashboard, and a thousand connections at once that mean it no good.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFolder } from './page-folder.js';

const MAIN = fileURLToPath(new URL('../cli/main-with-page.ts', import.meta.url));
const CONNECTIONS = 1000;
/** What each fourth connection sends. */
const WORDS = [
  '',
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-',
  'GET /api/events?run=calm-otter HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
] as const;

const test = suite('a thousand connections to a dashboard');
const root = mkdtempSync(join(tmpdir(), 'tidemark-many-'));
let trainer: ChildProcess | undefined;

test.after(() => {
  trainer?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** What a connection was answered, and whether it was closed from the other side. */
interface Told {
  readonly socket: Socket;
  text: string;
  isClosed: boolean;
}

function open(port: number, words: string): Told {
  const socket = connect(port, '127.0.0.1', () => words !== '' && socket.write(words));
  const told: Told = { socket, text: '', isClosed: false };
  socket.on('data', (chunk) => {
    if (told.text.length < 1000) told.text += String(chunk);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    told.isClosed = true;
  });
  return told;
}

async function until(isSo: () => boolean | Promise<boolean>, seconds: number, what: string): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} within ${seconds} s`);
    await delay(50);
  }
}

test('are bounded and let go of; the run goes on, and answers those who come after', async () => {
  const args = ['--import', import.meta.resolve('tsx'), MAIN, await pageFolder()];
  const child = spawn(
    process.execPath,
    [...args, 'demo', '--name', 'calm-otter', '--steps', '1000000', '--dashboard', '--json'],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  trainer = child;
  let [step, said] = [0, ''];
  child.stdout.on('data', (chunk) => {
    for (const [, found] of String(chunk).matchAll(/"kind":"step","run":"calm-otter","step":(\d+)/g))
      step = Number(found);
  });
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  await until(() => /dashboard {2}http:\/\/127\.0\.0\.1:\d+/.test(said) && step > 10, 60, `it does not train: ${said}`);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
  const isAnswered = async (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/api/runs`, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  assert.ok(await isAnswered());
  const files = (): number => readdirSync(`/proc/${child.pid}/fd`).length;
  const hasProc = existsSync(`/proc/${child.pid}/fd`);
  const before = hasProc ? files() : 0;

  const all = Array.from({ length: CONNECTIONS }, (_, i) => open(port, WORDS[i % WORDS.length] as string));
  const stepBefore = step;
  await delay(2000);
  assert.ok(step > stepBefore, `it stands at step ${step}`);
  const most = hasProc ? files() - before : 0;
  // As many connections as the server has room for, and what its requests read.
  assert.ok(most <= 256 + 32, `${most} more open files`);
  assert.ok(all.filter(({ isClosed }) => isClosed).length >= CONNECTIONS - 256 - 32, 'the others are turned away');
  const answers = all.map(({ text }) => text.slice(0, 12)).filter((text) => text !== '');
  assert.ok(answers.length > 0);
  assert.equal(
    answers.filter((text) => !/^HTTP\/1\.1 (200|503|400|408|431)/.test(text)),
    [],
  );
  const listening = all.filter(({ text }) => text.startsWith('HTTP/1.1 200') && /event-stream/i.test(text)).length;
  assert.ok(listening <= 64, `${listening} listeners`);

  // Idle ones and half headers are closed by the server itself; listeners stay as long as they read.
  await until(
    () => all.every(({ isClosed, text }) => isClosed || /event-stream/i.test(text)),
    15,
    'what asks nothing is not let go of',
  );
  await until(isAnswered, 10, 'it does not answer any more');
  for (const { socket } of all) socket.destroy();
  if (hasProc) await until(() => files() <= before + 4, 10, 'it keeps files open');
  const stepAfter = step;
  await until(() => step > stepAfter, 10, 'it does not train any more');
  child.kill('SIGTERM');
  assert.is(await code, 143);
  console.log(
    `\ncounted: connections at once to a run's dashboard: ${CONNECTIONS}, ${most} held, ${listening} listeners`,
  );
});

test.run();
