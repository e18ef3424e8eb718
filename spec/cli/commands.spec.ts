// What holds for every command, whatever it does.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFolder } from '../dashboard/page-folder.js';
import { type CliResult, tidemark, tidemarkWith } from './fake-io.js';
import { COUNTER, folderWith } from './session-modules.js';

const test = suite('every command');
const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what must not be there
const ESCAPE = /\x1b/;

const { out: help } = await tidemark(path, '--help');
const commands = [...help.matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help');
await tidemark(path, 'run', 'train.mjs', '--name', 'a');
await tidemark(path, 'run', 'train.mjs', '--name', 'b', '--set', 'rate=0.25');
const page = await pageFolder();

const run = (...args: readonly string[]): Promise<CliResult> => tidemarkWith({ pageFolder: page }, path, ...args);

/** A call of each command that works, and what its JSON has. */
const CALLS: Readonly<Record<string, readonly [args: readonly string[], key: string, exitCode?: number]>> = {
  run: [['run', 'train.mjs', '--name', 'c'], 'kind'],
  resume: [['resume', 'a', '--steps', '7'], 'kind'],
  demo: [['demo', '--name', 'd', '--steps', '2'], 'kind'],
  ls: [['ls'], 'state'],
  show: [['show', 'a'], 'state'],
  timeline: [['timeline', 'a'], 'items'],
  tail: [['tail', 'a'], 'kind'],
  dashboard: [['dashboard', '--port', '0'], 'url'],
  export: [['export', 'a', '--html', '-o', 'a.html'], 'sizeBytes'],
  inspect: [['inspect', 'runs/a/model.ckpt-6'], 'tensors'],
  verify: [['verify', 'a'], 'newestValid'],
  hash: [['hash', 'runs/a/model.ckpt-6'], 'sha256'],
  diff: [['diff', 'runs/a/model.ckpt-6', 'runs/b/model.ckpt-6'], 'equal', 1],
  convert: [['convert', 'runs/a/model.ckpt-6', 'out/six', '--to', 'safetensors'], 'verified'],
  prune: [['prune', 'a', '--keep-last', '2'], 'checkpoints'],
  rm: [['rm', 'b'], 'checkpoints'],
  doctor: [['doctor'], 'findings'],
  init: [['init', 'new'], 'module'],
};

test.after(dispose);

test('is known here', () => {
  assert.equal([...commands].sort(), Object.keys(CALLS).sort());
});

for (const command of commands) {
  test(`${command}: helps with examples, and knows --json and --verbose`, async () => {
    const { exitCode, out, err } = await run(command, '--help');
    assert.equal([exitCode, err], [0, '']);
    assert.match(out, new RegExp(`\\nExamples:\\n  tidemark ${command}`));
    assert.match(out, /^ {2}--json /m);
    assert.match(out, /^ {2}--verbose /m);
    assert.not.match(out, ESCAPE);
  });

  test(`${command}: asks what was meant by an option that it does not know`, async () => {
    const { exitCode, out, err } = await run(command, '--jsn');
    assert.equal([exitCode, out, err], [2, '', `error  unknown option '--jsn'\nfix    did you mean --json?\n`]);
  });

  test(`${command}: refuses too many arguments, and too few`, async () => {
    const many = await run(command, 'a', 'b', 'c', 'd');
    assert.equal([many.exitCode, many.out], [2, '']);
    assert.match(many.err, /^error {2}too many arguments/);
    if (!/<[\w-]+>/.test((await run(command, '--help')).out.split('\n')[0] ?? '')) return;
    const few = await run(command);
    assert.equal([few.exitCode, few.out], [2, '']);
    assert.match(few.err, /^error {2}missing required argument '[\w-]+'\nfix {4}/);
  });
}

test('unknown commands: asks what was meant', async () => {
  for (const [wrong, right] of [
    ['trian', undefined],
    ['rnu', 'run'],
    ['timelin', 'timeline'],
    ['insepct', 'inspect'],
  ] as const) {
    const { exitCode, out, err } = await run(wrong);
    assert.equal([exitCode, out], [2, '']);
    assert.match(
      err,
      right === undefined ? /^error {2}unknown command 'trian'\nfix {4}/ : `\nfix    did you mean ${right}?\n`,
    );
  }
});

for (const [command, [args, key, code = 0]] of Object.entries(CALLS)) {
  test(`${command} --json: prints JSON alone, line by line, without escapes`, async () => {
    if (command === 'dashboard') setTimeout(() => process.emit('SIGINT', 'SIGINT'), 1500);
    const listeners = (): readonly number[] =>
      ['SIGINT', 'SIGTERM', 'SIGTSTP', 'SIGCONT', 'exit'].map((event) => process.listenerCount(event));
    const before = listeners();
    const env = { NO_COLOR: '1' };
    const terminal = { isTTY: true, columns: 80, getColorDepth: () => 8 };
    const { exitCode, out, err } = await tidemarkWith({ pageFolder: page, env, terminal }, path, ...args, '--json');
    assert.is(exitCode, code, err);
    assert.equal(listeners(), before, 'it listens to the process no more');
    assert.not.match(out + err.replaceAll('\r\x1b[2K', ''), ESCAPE);
    const whole = command === 'inspect' ? [out] : out.trimEnd().split('\n');
    assert.ok(whole.length > 0);
    for (const line of whole) assert.ok(key in (JSON.parse(line) as object), line);
  });
}

test('init, run, ls, rm: one after another, as people do', async () => {
  const { out } = await run('init', 'fresh', '--name', 'train.mjs', '--json');
  assert.equal(JSON.parse(out), {
    module: 'fresh/train.mjs',
    files: ['fresh/train.mjs', 'fresh/tidemark.config.json'],
  });
  const dry = await run('rm', 'a', '--dry-run');
  assert.is(dry.exitCode, 0);
  assert.match(dry.out, /^model\.ckpt-\d+\nmodel\.ckpt-\d+\n[\s\S]*^run\.json$/m);
  assert.match(dry.err, /\d checkpoints and \d files, [\d.]+ kB would be deleted; nothing was changed/);
  assert.ok(existsSync(join(path, 'runs/a/run.json')));
  assert.is((await run('rm', 'a')).exitCode, 0);
  assert.not(existsSync(join(path, 'runs/a')));
  assert.match((await run('rm', 'a')).err, /there is no run a/);
  mkdirSync(join(path, 'notes'));
  const none = await run('rm', 'notes');
  assert.equal([none.exitCode, none.out], [2, '']);
  assert.match(none.err, /notes is no run: nothing in it was written by tidemark/);
  assert.ok(readdirSync(path).includes('notes'));
});

test('--verbose tells the stack and the causes', async () => {
  const short = await run('hash', 'runs/none/model.ckpt-1');
  assert.not.match(short.err, /stack|at /);
  const long = await run('hash', 'runs/none/model.ckpt-1', '--verbose');
  assert.match(long.err, /CHECKPOINT_NOT_FOUND\nstack {2}CheckpointNotFoundError: [\s\S]*\n {4}at /);
});

test('inspect shows statistics, and --stats prints them', async () => {
  const { out } = await run('inspect', 'out/six', '--json', '--stats');
  const { tensors, globalStep } = JSON.parse(out) as {
    tensors: readonly Record<string, unknown>[];
    globalStep: number;
  };
  assert.is(globalStep, 6);
  const count = tensors.find(({ name }) => name === 'part/count');
  assert.equal(
    [count?.['min'], count?.['max'], count?.['mean'], count?.['nans'], count?.['sizeBytes']],
    [3, 3, 3, 0, 8],
  );
  assert.match((await run('inspect', 'out/six')).out, /part\/count +float64 +scalar +8 +3 +3 +3 /);
});

test('verify reads one checkpoint, too', async () => {
  const { exitCode, out, err } = await run('verify', 'out/six.safetensors');
  assert.equal([exitCode, out], [0, 'six  step 6  good\n6\n']);
  assert.match(err, /^1 good, 0 bad/);
});

test('every code in the table of exit codes is in the help of run', async () => {
  const guide = readFileSync(new URL('../../docs/guide/command-line.md', import.meta.url), 'utf8');
  const table = /\| exit code \| \|\n\|[-| ]+\|\n((?:\|.*\n)+)/.exec(guide)?.[1] ?? '';
  const codes = [...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = '']) => cell.split(', '));
  const { out } = await run('run', '--help');
  assert.ok(codes.length >= 10, table);
  for (const code of codes) assert.match(out, new RegExp(`\\b${code}\\b`));
});

test.run();
