// Keys pressed in a pseudo terminal while the real command trains.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFolder } from '../dashboard/page-folder.js';
import { tidemark } from './fake-io.js';
import { hasTerminals, Terminal } from './in-terminal.js';
import { COUNTER, folderWith } from './session-modules.js';

const TSX = import.meta.resolve('tsx');
const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
const WITH_PAGE = fileURLToPath(new URL('./main-with-page.ts', import.meta.url));
const COMMAND = [process.execPath, '--import', TSX, MAIN];
const SLOW = COUNTER.replace('steps: 6', 'steps: 100000')
  .replace('everySteps(2)', 'everySteps(90000)')
  .replace('step: () => {', 'step: async () => { await new Promise((go) => setTimeout(go, 5));');
const ASKED = SLOW.replace('everySteps(90000)', 'anyOf(everySteps(90000), () => saveRequests)')
  .replace('import { checkpointSaver', 'import { anyOf, checkpointSaver')
  .replace('restore, signal, logger })', 'restore, signal, logger, saveRequests })');

const test = suite('keys while running');
const terminals = new Set<Terminal>();

function open(cwd: string, command: readonly string[], env?: NodeJS.ProcessEnv): Terminal {
  const terminal = new Terminal(cwd, command, env);
  terminals.add(terminal);
  return terminal;
}

test.after(() => {
  for (const terminal of terminals) terminal.kill();
});

if (!hasTerminals) {
  console.log('\nskipped: keys while running: no python3 to make a pseudo terminal');
} else {
  test('s saves, p pauses and goes on, h helps, q stops: in the demo', async () => {
    const { path, dispose } = folderWith({});
    const args = ['demo', '--name', 'a', '--steps', '100000000', '--set', 'saveSteps=99999999', '--no-dashboard'];
    const terminal = open(path, [...COMMAND, ...args]);
    await terminal.says(/keys {7}s save · p pause · d dashboard · q stop · h help/);
    await terminal.says(/step +\d+\/100000000/);
    terminal.type('s');
    await terminal.says(/ {2}save {7}after this step/);
    const [, saved] = await terminal.says(/ {2}saved {6}step (\d+) \(\d+ kB, \d+ ms\)/);
    assert.ok(existsSync(join(path, `runs/a/model.ckpt-${saved}.index`)));
    terminal.type('p');
    const [, paused = ''] = await terminal.says(/ {2}paused {5}at step (\d+); p goes on/);
    await terminal.says(new RegExp(`step +${paused}/.* {2}paused {2}ckpt ${saved} ✔`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    terminal.type('s');
    await terminal.says(/ {2}save {7}with the next step: p goes on/);
    terminal.type('p');
    await terminal.says(/ {2}goes on {4}after \d+\.\d s/);
    const [, next] = await terminal.says(/ {2}saved {6}step (\d+) /);
    assert.is(Number(next), Number(paused) + 1, 'at the next step boundary');
    terminal.type('\x1b[A\x1bOPxyz\r');
    terminal.type('h');
    await terminal.says(/ {2}s {2}save after this step\r\n {2}p {2}pause[\s\S]*h {2}this help/);
    terminal.type('q');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: at the beginning of a cleared line
    await terminal.says(/\x1b\[2Kstopping after this step … saving\r\n/);
    const [, last] = await terminal.says(
      / {2}saved {6}step (\d+) .*runs\/a\/model\.ckpt-\d+\r\n {2}resume {5}npx tidemark resume a\r\n/,
    );
    assert.equal(await terminal.ended, { code: 130, isSane: true });
    assert.ok(existsSync(join(path, `runs/a/model.ckpt-${last}.index`)));

    const timeline = await tidemark(path, 'timeline', 'a', '--from', paused, '--to', String(next));
    assert.match(timeline.out, new RegExp(`step ${paused} {2}hold \\d+ ms \\(pauseWhile\\)`));
    const events = readFileSync(join(path, 'runs/a/run.events.ndjson'), 'utf8');
    assert.match(events, /"trigger":"key s"/);
    assert.match(events, /"type":"paused"[\s\S]*"type":"resumed"/);
    assert.is((await tidemark(path, 'show', 'a', '--json')).out.includes('"seed":7'), true);
    dispose();
  });

  test('Ctrl-C stops a run that is paused, and a second one ends at once and names the last good checkpoint', async () => {
    const { path, dispose } = folderWith({
      'train.mjs': ASKED,
      'hangs.mjs': ASKED.replace('setTimeout(go, 5)', 'setTimeout(go, count[0] < 1 ? 5 : 1e8)'),
    });
    const paused = open(path, [...COMMAND, 'run', 'train.mjs', '--name', 'a', '--no-dashboard']);
    await paused.says(/step +\d+\/100000/);
    paused.type('p');
    await paused.says(/paused {5}at step/);
    paused.type('\x03');
    await paused.says(/stopping after this step/);
    await paused.says(/saved {6}step \d+/);
    assert.equal(await paused.ended, { code: 130, isSane: true });

    const hangs = open(path, [...COMMAND, 'run', 'hangs.mjs', '--name', 'b', '--no-dashboard']);
    await hangs.says(/step +2\/100000/);
    hangs.type('\x03');
    await hangs.says(/stopping after this step/);
    hangs.type('q');
    await hangs.says(/the run is about to end; Ctrl-C ends it at once/);
    hangs.type('\x03');
    await hangs.says(/last good {2}runs\/b\/model\.ckpt-0\r\n {2}resume {5}npx tidemark resume b\r\n/);
    assert.equal(await hangs.ended, { code: 130, isSane: true });
    assert.is((await tidemark(path, 'verify', 'runs/b')).exitCode, 0);
    dispose();
  });

  test('says so when no saver hears of s, and gives the terminal back when the training fails', async () => {
    const { path, dispose } = folderWith({
      'train.mjs': SLOW.replace('count[0] += options.rate', 'if ((count[0] += 1) === 100) throw new Error("no data")'),
    });
    const terminal = open(path, [...COMMAND, 'run', 'train.mjs', '--no-dashboard']);
    await terminal.says(/step +\d+\/100000/);
    terminal.type('s');
    await terminal.says(/warning {4}no saver of this session is told of it: add {2}\(\) => saveRequests/);
    await terminal.says(/error {2}no data/);
    assert.equal(await terminal.ended, { code: 1, isSane: true });
    dispose();
  });

  test('Ctrl-Z suspends with a sane terminal, fg takes the keys again, and in the background it is left alone', async () => {
    const { path, dispose } = folderWith({ 'train.mjs': ASKED });
    const shell = open(path, ['sh', '-i']);
    await shell.says(/[$#] $/);
    const quoted = [...COMMAND, 'run', 'train.mjs', '--no-dashboard'].map((word) => `'${word}'`).join(' ');
    shell.type(`${quoted} --name a\n`);
    await shell.says(/step +\d+\/100000/);
    shell.type('\x1a');
    await shell.says(/Stopped/);
    shell.type('stty -a | tr ";" "\\n" | grep -c -E "(^| )(-icanon|-echo|-isig)( |$)"; echo "[ed:$?]"\n');
    await shell.says(/[\n ]0\r\n\[ed:1\]/);
    shell.type('fg\n');
    await shell.says(/step +\d+\/100000/);
    shell.type('h');
    await shell.says(/ {2}h {2}this help/);
    shell.type('\x1a');
    await shell.says(/Stopped/);
    shell.type('bg\n');
    // It trains on there, and is not stopped by touching the terminal.
    await shell.says(/step +\d+\/100000[\s\S]*step +\d+\/100000/);
    shell.type('kill %1; wait %1; echo "code: $?"\n');
    await shell.says(/code: 143/);
    shell.type('exit\n');
    assert.is((await shell.ended).isSane, true);
    dispose();
  });

  test('a run that is started in the background trains there', async () => {
    const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
    const shell = open(path, ['sh', '-i']);
    await shell.says(/[$#] $/);
    const quoted = [...COMMAND, 'run', 'train.mjs', '--no-dashboard', '--name', 'a'].map((word) => `'${word}'`);
    shell.type(`${quoted.join(' ')} &\n`);
    await shell.says(/saved {6}step 6/);
    shell.type('wait; exit\n');
    assert.is((await shell.ended).isSane, true);
    dispose();
  });

  test('d prints the address of the dashboard and opens it, and minds nothing if there is no browser', async () => {
    const { path, dispose } = folderWith({ 'train.mjs': ASKED });
    mkdirSync(join(path, 'bin'));
    const opener = join(path, 'bin', process.platform === 'darwin' ? 'open' : 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$1" >opened.tmp && mv opened.tmp opened\n`);
    chmodSync(opener, 0o755);
    const command = [
      process.execPath,
      '--import',
      TSX,
      WITH_PAGE,
      await pageFolder(),
      'run',
      'train.mjs',
      '--no-dashboard',
    ];
    const PATH = `${join(path, 'bin')}:${process.env['PATH']}`;
    const terminal = open(path, [...command, '--name', 'a'], { PATH });
    await terminal.says(/step +\d+\/100000/);
    terminal.type('d');
    const [, url] = await terminal.says(/ {2}dashboard {2}(http:\/\/127\.0\.0\.1:\d+\/)\r\n/);
    const end = performance.now() + 10_000;
    while (!existsSync(join(path, 'opened')) && performance.now() < end) await new Promise((go) => setTimeout(go, 20));
    assert.is(readFileSync(join(path, 'opened'), 'utf8'), url);
    assert.is((await fetch(`${url}api/runs`)).status, 200);
    terminal.type('q');
    assert.equal(await terminal.ended, { code: 130, isSane: true });

    const quoted = [...command, '--name', 'b'].map((word) => `'${word}'`).join(' ');
    const without = open(path, ['/bin/sh', '-c', `PATH=/nowhere exec ${quoted}`]);
    await without.says(/step +\d+\/100000/);
    without.type('d');
    await without.says(/ {2}dashboard {2}http:/);
    await without.says(/step +\d+\/100000/);
    without.type('q');
    assert.equal(await without.ended, { code: 130, isSane: true });
    dispose();
  });

  test('without a terminal no key is heard, and none is named', async () => {
    const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
    const terminal = open(path, ['bash', '-c', `'${COMMAND.join("' '")}' run train.mjs --no-dashboard </dev/null`]);
    await terminal.says(/saved {6}step 6/);
    assert.not.match(terminal.text, 'keys');
    assert.equal(await terminal.ended, { code: 0, isSane: true });
    assert.ok(readdirSync(join(path, 'runs')).length === 1);
    dispose();
  });
}

test.run();
