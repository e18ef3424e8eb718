// The dashboard as a process of its own, and inside a run.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFolder } from '../dashboard/page-folder.js';
import { tidemarkWith } from './fake-io.js';
import { COUNTER, folderWith } from './session-modules.js';

const MAIN = fileURLToPath(new URL('./main-with-page.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const ENDLESS = COUNTER.replace('steps: 6', 'steps: 1000000000').replace('everySteps(2)', 'everySteps(100000000)');
const test = suite('tidemark dashboard, alone and inside a run');
const children = new Set<ChildProcess>();

interface Started {
  readonly child: ChildProcess;
  /** The first text that matches, of standard output or error. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly code: Promise<number | null>;
}

async function start(cwd: string, ...args: readonly string[]): Promise<Started> {
  return startWith(await pageFolder(), cwd, ...args);
}

function startWith(page: string, cwd: string, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, ['--import', TSX, MAIN, page, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  const waiting = new Set<() => void>();
  const hear = (chunk: unknown): void => {
    text += String(chunk);
    for (const look of waiting) look();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text);
        if (found !== null) resolve(found);
      };
      waiting.add(look);
      look();
      void code.then(() => reject(new Error(`it ended and did not say ${pattern}: ${text}`)));
    });
  return { child, says, code };
}

const ask = async (url: string): Promise<Record<string, unknown>> =>
  (await (await fetch(url)).json()) as Record<string, unknown>;

test.after(() => {
  for (const child of children) child.kill('SIGKILL');
});

test('a run serves it, and goes on while it is asked', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': ENDLESS });
  const { child, says, code } = await start(path, 'run', 'train.mjs', '--name', 'calm-otter', '--dashboard');
  const [, url = ''] = await says(/ {2}dashboard {2}(http:\/\/127\.0\.0\.1:\d+\/)\n/);
  assert.match(await (await fetch(url)).text(), '<div id="app">');
  const steps: number[] = [];
  const end = performance.now() + 20_000;
  while (new Set(steps).size < 3 && performance.now() < end) {
    const run = await ask(`${url}api/run?run=calm-otter`).catch(() => ({}) as Record<string, unknown>);
    if (run['state'] === 'running') {
      const { series } = (await ask(`${url}api/scalars?run=calm-otter&tag=loss`)) as {
        series: readonly { steps: readonly number[] }[];
      };
      const last = series[0]?.steps.at(-1);
      if (last !== undefined) steps.push(last);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(new Set(steps).size >= 3, `the steps that were shown: ${steps}`);
  child.kill('SIGTERM');
  assert.is(await code, 143);
  assert.ok(
    await fetch(url).then(
      () => false,
      () => true,
    ),
    'it ends with the run',
  );
  dispose();
});

test('a run serves none without a terminal, and none that cannot be served stops it', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  const quiet = await tidemarkWith({}, path, 'run', 'train.mjs', '--name', 'a');
  assert.is(quiet.exitCode, 0);
  assert.not.match(quiet.err, / {2}dashboard {2}/);
  const off = await tidemarkWith(
    { terminal: { isTTY: true } },
    path,
    'run',
    'train.mjs',
    '--no-dashboard',
    '--name',
    'b',
  );
  assert.is(off.exitCode, 0);
  assert.not.match(off.err, / {2}dashboard {2}/);
  const broken = folderWith({ 'train.mjs': ENDLESS });
  const page = join(broken.path, 'nothing-here');
  const run = startWith(page, broken.path, 'run', 'train.mjs', '--name', 'c', '--dashboard');
  await run.says(/ {2}warning {4}no dashboard: the page of the dashboard is not built/);
  run.child.kill('SIGTERM');
  assert.is(await run.code, 143);
  await run.says(/ {2}saved {6}step \d+ /);
  broken.dispose();
  dispose();
});

test('serves the runs of a folder until it is told to stop, on a port of its own', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  await tidemarkWith({}, path, 'run', 'train.mjs', '--name', 'calm-otter');
  const first = await start(path, 'dashboard', 'runs');
  const [, url = '', port] = await first.says(
    /^tidemark dashboard at (http:\/\/127\.0\.0\.1:(\d+)\/) {2}\(Ctrl-C ends it\)\n/,
  );
  const { runs } = (await ask(`${url}api/runs`)) as { runs: readonly { id: string; state: string }[] };
  assert.equal(
    runs.map(({ id, state }) => [id, state]),
    [['calm-otter', 'finished']],
  );
  const second = await start(path, 'dashboard', 'runs');
  const [, another] = await second.says(/127\.0\.0\.1:(\d+)\//);
  assert.ok(Number(another) > Number(port), 'the next free port');
  const third = await start(path, 'dashboard', 'runs', '--port', String(port));
  await third
    .says(/error {2}--port \d+ is in use by another program\nfix {4}leave --port out/)
    .catch((error: Error) => assert.match(error.message, 'is in use'));
  assert.is(await third.code, 2);
  first.child.kill('SIGINT');
  second.child.kill('SIGTERM');
  assert.equal([await first.code, await second.code], [0, 0]);
  dispose();
});

test('--overwrite deletes the run that is there, and nothing else', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  const run = (...args: readonly string[]): ReturnType<typeof tidemarkWith> =>
    tidemarkWith({}, path, 'run', 'train.mjs', '--dir', 'here', ...args);
  assert.is((await run('--steps', '8')).exitCode, 0);
  const refused = await run('--resume', 'never');
  assert.is(refused.exitCode, 3);
  assert.match(refused.err, /delete it by --overwrite/);
  writeFileSync(join(path, 'here', 'notes.txt'), 'mine');
  const again = await run('--steps', '4', '--overwrite', '--json');
  assert.is(again.exitCode, 0, again.err);
  assert.match(again.err, /cleared {4}\d checkpoints of an earlier run/);
  assert.match(again.out, '"kind":"sessionCreated","run":"here","step":0,"attempt":1,"restored":null');
  assert.not(existsSync(join(path, 'here', 'model.ckpt-8.index')));
  assert.not(existsSync(join(path, 'here', 'run.events.2.ndjson')), 'the record is a new one');
  assert.is(readFileSync(join(path, 'here', 'notes.txt'), 'utf8'), 'mine');
  const command = readFileSync(join(path, 'here', 'tidemark.command.json'), 'utf8');
  assert.not.match(command, 'overwrite', 'and resuming does not overwrite');
  assert.is((await run('--overwrite', '--resume', 'must')).exitCode, 2);

  const record = JSON.parse(readFileSync(join(path, 'here', 'run.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(path, 'here', 'run.json'), JSON.stringify({ ...record, state: 'running' }));
  const busy = await run('--overwrite');
  assert.is(busy.exitCode, 2);
  assert.match(busy.err, /the run in \S+ is at work\nfix/);
  assert.ok(existsSync(join(path, 'here', 'model.ckpt-4.index')));
  dispose();
});

test.run();
