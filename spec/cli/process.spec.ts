// The command as a process: signals, a loop that runs dry, pipes that close.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { COUNTER, folderWith } from './session-modules.js';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const test = suite('tidemark as a process');

const ENDLESS = COUNTER.replace('steps: 6', 'steps: 1000000000').replace('everySteps(2)', 'everySteps(100000000)');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  cwd: string,
  ...args: readonly string[]
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => (out += chunk));
  child.stderr?.on('data', (chunk) => (err += chunk));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { child, ended };
}

/** Waits for a text on standard error. */
function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
  });
}

for (const [signal, args, code] of [
  ['SIGTERM', [], 143],
  ['SIGINT', [], 130],
  ['SIGTERM', ['--preemptible'], 75],
] as const) {
  test(`saves and exits with ${code} after ${signal} ${args.join(' ')}`, async () => {
    const { path, dispose } = folderWith({ 'train.mjs': ENDLESS });
    const { child, ended } = start(path, 'run', 'train.mjs', '--name', 'a', ...args);
    await said(child, /dir {8}runs/);
    // The banner is written before the session begins; its log is there when it does.
    while (!existsSync(join(path, 'runs/a/run.json'))) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill(signal);
    const { code: exitCode, err } = await ended;
    assert.is(exitCode, code, err);
    const [, step, prefix] = /saved {6}step (\d+) \(.*\) {2}runs\/a\/(\S+)/.exec(err) ?? [];
    assert.is(prefix, `model.ckpt-${step}`);
    assert.match(err, /resume {5}npx tidemark resume a\n/);
    assert.ok(existsSync(join(path, 'runs/a', `${prefix}.index`)));
    dispose();
  });
}

test('says so, and exits with 70, when nothing is left to wait for', async () => {
  const { path, dispose } = folderWith({ 'dry.mjs': 'export default () => new Promise(() => {});' });
  const { code, err } = await start(path, 'run', 'dry.mjs').ended;
  assert.match(err, /ended without completing/);
  assert.is(code, 70);
  dispose();
});

test('trains on when nobody reads what it prints', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': COUNTER.replace('steps: 6', 'steps: 3000').replace('everySteps(2)', 'everySteps(1000)'),
  });
  const { child, ended } = start(path, 'run', 'train.mjs', '--json', '--name', 'a');
  child.stdout?.destroy();
  const { code, err } = await ended;
  assert.is(code, 0, err);
  assert.ok(existsSync(join(path, 'runs/a/model.ckpt-3000.index')));
  dispose();
});

test('trains on behind `head -1`', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': COUNTER.replace('steps: 6', 'steps: 3000').replace('everySteps(2)', 'everySteps(1000)'),
  });
  const command = `set -o pipefail; '${process.execPath}' --import '${TSX}' '${MAIN}' run train.mjs --json --name a | head -1`;
  const child = spawn('bash', ['-c', command], { cwd: path, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  assert.is(await new Promise((resolve) => child.on('close', resolve)), 0);
  assert.match(out, /^\{"v":1,"kind":"begin",.*\}\n$/);
  assert.ok(existsSync(join(path, 'runs/a/model.ckpt-3000.index')));
  dispose();
});

for (const [when, text] of [
  [
    'before the session is there',
    'export default async () => { console.error("(now)"); await new Promise((go) => setTimeout(go, 60_000)); };',
  ],
  [
    'before the first step',
    ENDLESS.replace(
      'create: () => {',
      'create: async () => { console.error("(now)"); await new Promise((go) => setTimeout(go, 500));',
    ),
  ],
] as const) {
  test(`SIGTERM ${when}: ends by it, and harms nothing`, async () => {
    const { path, dispose } = folderWith({ 'train.mjs': text });
    const { child, ended } = start(path, 'run', 'train.mjs', '--name', 'a');
    await said(child, /\(now\)/);
    child.kill('SIGTERM');
    const { code, err } = await ended;
    // Before there is anything to save, the system's own way is the quickest.
    assert.ok(code === 143 || child.signalCode === 'SIGTERM', `${code}: ${err}`);
    assert.ok(!existsSync(join(path, 'runs/a/checkpoint')) || /saved {6}step/.test(err), err);
    dispose();
  });
}

test.run();
