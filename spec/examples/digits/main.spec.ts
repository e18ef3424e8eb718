// The main example as a user runs it: processes that are killed, stopped, started twice and given wrong arguments.

import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tidemark } from '../../cli/fake-io.js';
import { temporaryFolder } from '../../store/temporary-folder.js';

const test = suite('the digits example');
const main = fileURLToPath(new URL('../../../docs/examples/digits/main.ts', import.meta.url));
const mnist = fileURLToPath(new URL('../../../../shared/data/mnist', import.meta.url));
const folder = temporaryFolder();
test.after(() => folder.dispose());

const STEPS = 60;
const QUICK = ['--steps', `${STEPS}`, '--save-steps', '20', '--batch', '8', '--plain'];

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output has this line. */
  said(line: string): Promise<void>;
}

function start(...args: readonly string[]): Running {
  const child = spawn('node', ['--import', 'tsx', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  let out = '';
  let err = '';
  const waiting: { readonly line: string; readonly tell: () => void }[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    for (const { line, tell } of waiting) if (out.includes(`${line}\n`)) tell();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  const said = async (line: string): Promise<void> => {
    const isSaid = new Promise<void>((tell) => waiting.push({ line, tell }));
    const { err: errors } = (await Promise.race([isSaid, ended])) ?? {};
    if (errors !== undefined && !out.includes(`${line}\n`)) throw new Error(`ended before "${line}": ${errors}`);
  };
  return { child, ended, said };
}

function run(...args: readonly string[]): Promise<Ended> {
  return start(...args).ended;
}

function dirOf(name: string): string {
  return join(folder.path, name);
}

function finalOf({ out }: Ended): string {
  const final = /^final ([0-9a-f]{64})$/m.exec(out)?.[1];
  assert.ok(final !== undefined, `no final line: ${out}`);
  return final as string;
}

function savedSteps({ out }: Ended): readonly number[] {
  return [...out.matchAll(/^saved step (\d+)$/gm)].map(([, step]) => Number(step));
}

/** All files but the log, which each start adds to, and the lock. */
function checkpointFiles(dir: string): unknown {
  return readdirSync(dir)
    .filter((name) => name.startsWith('model.ckpt-') || name === 'checkpoint')
    .sort()
    .map((name) => [name, readFileSync(join(dir, name)).toString('base64')]);
}

let straight = '';

test('trains, says what it saved, and ends with the hash of the state', async () => {
  const dir = dirOf('straight');
  const ended = await run('--dir', dir, ...QUICK);
  assert.is(ended.code, 0, ended.err);
  assert.equal(savedSteps(ended), [0, 20, 40, 60]);
  assert.match(ended.out, /^(saved step \d+\n)+final [0-9a-f]{64}\n$/);
  straight = finalOf(ended);
  assert.match(ended.err, /^step 60\/60 loss \d\.\d+ accuracy \d\.\d+.* ckpt \d+$/m);
  assert.match(ended.err, /^accuracy on held-out digits {2}\d\d\.\d\d %$/m);
  assert.not.match(ended.err, '\x1b');
  const { out } = await tidemark(dir, 'hash', 'model.ckpt-60');
  assert.is(out, `${straight}\n`);
  assert.is((await tidemark(dir, 'verify', '.')).exitCode, 0);
  // Three stay unless told otherwise.
  assert.equal(readdirSync(dir).filter((name) => name.endsWith('.index')).length, 3);
});

test('run again, it has nothing to do and ends with the same', async () => {
  const before = checkpointFiles(dirOf('straight'));
  const ended = await run('--dir', dirOf('straight'), ...QUICK);
  assert.equal([ended.code, finalOf(ended), savedSteps(ended)], [0, straight, []]);
  assert.match(ended.err, 'nothing to train: step 60 was reached before');
  assert.equal(checkpointFiles(dirOf('straight')), before);
});

test('a run to 60 and one to 20 and on are the same', async () => {
  const dir = dirOf('longer');
  assert.is(await run('--dir', dir, ...QUICK, '--keep', '1', ...['--save-seconds', '9']).then(finalOf), straight);
  assert.equal(
    readdirSync(dir).filter((name) => name.endsWith('.index')),
    ['model.ckpt-60.index'],
  );
  const short = dirOf('short');
  const args = QUICK.slice(2);
  await run('--dir', short, '--steps', '25', ...args);
  const ended = await run('--dir', short, '--steps', '60', ...args);
  assert.equal([finalOf(ended), savedSteps(ended)[0]], [straight, 40]);
  assert.match(ended.err, '  resume  from step 25 (model.ckpt-25)');
});

test('killed in the middle and started again, it ends with the same', async () => {
  const dir = dirOf('killed');
  for (const line of ['saved step 20', 'saved step 40']) {
    const running = start('--dir', dir, ...QUICK);
    await running.said(line);
    running.child.kill('SIGKILL');
    const { signal, out } = await running.ended;
    assert.is(signal, 'SIGKILL');
    assert.not.match(out, 'final');
  }
  const ended = await run('--dir', dir, ...QUICK);
  assert.equal([ended.code, finalOf(ended)], [0, straight]);
});

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} ends it in order with ${code} and a save, and it goes on from there`, async () => {
    const dir = dirOf(signal);
    const running = start('--dir', dir, '--steps', '100000', ...QUICK.slice(2));
    await running.said('saved step 20');
    running.child.kill(signal);
    const ended = await running.ended;
    assert.equal([ended.code, ended.signal], [code, null], ended.err);
    const last = savedSteps(ended).at(-1) as number;
    assert.ok(last >= 20 && last < 100_000);
    assert.is(`${finalOf(ended)}\n`, (await tidemark(dir, 'hash', `model.ckpt-${last}`)).out);
    assert.match(ended.err, 'stopping after this step … saving');
    assert.match(ended.err, 'the same command goes on from there');
    if (last >= STEPS) return;
    assert.is(finalOf(await run('--dir', dir, ...QUICK)), straight);
  });
}

test('a second signal ends it at once, and harms nothing', async () => {
  const dir = dirOf('twice');
  const running = start('--dir', dir, '--steps', '100000', ...QUICK.slice(2));
  await running.said('saved step 20');
  running.child.kill('SIGINT');
  running.child.kill('SIGTERM');
  const { code } = await running.ended;
  assert.ok(code === 130 || code === 143, `${code}`);
  assert.is((await tidemark(dir, 'verify', '.')).exitCode, 0);
});

test('two at a time in one folder: the second is refused and names the first, which goes on', async () => {
  const dir = dirOf('shared');
  const first = start('--dir', dir, '--steps', '100000', ...QUICK.slice(2));
  await first.said('saved step 20');
  const second = await run('--dir', dir, ...QUICK);
  assert.is(second.code, 4, second.err);
  assert.match(second.err, `in use by pid ${first.child.pid} `);
  assert.match(second.err, 'STORE_IN_USE');
  assert.is(second.out, '');
  first.child.kill('SIGTERM');
  assert.is((await first.ended).code, 143);
});

test('a state that does not fit is refused with all differences, and nothing is changed', async () => {
  const dir = dirOf('straight');
  const before = checkpointFiles(dir);
  const other = await run('--dir', dir, ...QUICK, '--model', 'patches');
  assert.equal([other.code, other.out], [3, '']);
  for (const text of [
    'STATE_MISMATCH',
    'float32[784, 128] in the checkpoint',
    'model/dense_2/kernel is not in the checkpoint',
  ]) {
    assert.match(other.err, text);
  }
  const args = ['--dir', dir, '--steps', '60', '--plain'];
  const batch = await run(...args, '--batch', '9', '--seed', '2');
  assert.equal([batch.code, batch.out], [3, '']);
  assert.match(batch.err, /input\/batchSize is 8 in the checkpoint, 9/);
  assert.match(batch.err, /input\/seed is 1 in the checkpoint, 2/);
  assert.equal(checkpointFiles(dir), before);
});

test('passes over a damaged checkpoint, says so, and ends with the same', async () => {
  const dir = dirOf('damaged');
  cpSync(dirOf('straight'), dir, { recursive: true });
  const path = join(dir, 'model.ckpt-60.data-00000-of-00001');
  const bytes = readFileSync(path);
  bytes[1000] = (bytes[1000] ?? 0) ^ 4;
  writeFileSync(path, bytes);
  const ended = await run('--dir', dir, ...QUICK);
  assert.equal([ended.code, finalOf(ended), savedSteps(ended)], [0, straight, [60]], ended.err);
  assert.match(ended.err, 'resume  from step 40');
  assert.match(ended.err, 'warning model.ckpt-60 is damaged');
  for (const name of readdirSync(dir)) if (name.endsWith('.index')) writeFileSync(join(dir, name), 'garbage');
  const lost = await run('--dir', dir, ...QUICK);
  assert.equal([lost.code, lost.out], [3, '']);
  assert.match(lost.err, /no valid checkpoint in .*: 3 found, 3 damaged/);
});

for (const [args, text] of [
  [['--step', '5'], "unknown option '--step', did you mean --steps?"],
  [['--steps', '-5'], '--steps must be a whole number from 1, got "-5"'],
  [['--steps', '--plain'], '--steps needs a value'],
  [['--plain=3'], '--plain takes no value'],
  [['--batch', '9000'], '--batch must be at most the 8000 digits to train on, got 9000'],
  [['--dir', join(main, 'run')], 'cannot be made: ENOTDIR'],
  [['--steps', '0'], '--steps must be a whole number from 1, got "0"'],
  [['--steps', '1e3'], '--steps must be a whole number from 1, got "1e3"'],
  [['--steps', '99999999999999999999'], '--steps is too large'],
  [['--steps'], '--steps needs a value'],
  [['--seed', '-1'], '--seed'],
  [['--batch', '1.5'], '--batch must be a whole number from 1, got "1.5"'],
  [['--save-steps', 'x'], '--save-steps must be a whole number'],
  [['--save-seconds', '0'], '--save-seconds must be a number above 0'],
  [['--keep', '0'], '--keep must be a whole number from 1, got "0"'],
  [['--model', 'constructor'], '--model must be mlp or patches, got "constructor"'],
  [['--dir', ''], '--dir needs a value'],
  [['--dir', '/proc/nothing/here'], '--dir /proc/nothing/here cannot be made'],
  [['--dir', main], 'is not a folder'],
  [['--seed', '1', '--seed', '2'], '--seed is given twice'],
  [['--data', '/nothing/there'], '--data /nothing/there: expected train-images-idx3-ubyte'],
  [['extra'], 'extra'],
] as const) {
  test(`says what is wrong with ${args.join(' ').slice(0, 50)}`, async () => {
    const dir = args[0] === '--dir' ? [] : ['--dir', dirOf('unused')];
    const ended = await run(...dir, ...args);
    assert.equal([ended.code, ended.out], [2, ''], ended.err);
    assert.match(ended.err, /^error {2}/);
    assert.match(ended.err, text);
  });
}

test('helps', async () => {
  const ended = await run('--help');
  assert.equal([ended.code, ended.err], [0, '']);
  for (const flag of [
    '--dir',
    '--steps',
    '--seed',
    '--batch',
    '--save-steps',
    '--save-seconds',
    '--keep',
    '--data',
    '--model',
  ]) {
    assert.match(ended.out, flag);
  }
});

test('goes on where nobody reads what it says', async () => {
  const dir = dirOf('a folder of "odd" näme');
  mkdirSync(dir);
  const script = `node --import tsx "$0" --dir "$1" ${QUICK.join(' ')} 2>/dev/null | head -1; exit "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', script, main, dir], { stdio: 'ignore' });
  assert.is(await new Promise((resolve) => child.on('close', resolve)), 0);
  assert.is((await tidemark(dir, 'hash', 'model.ckpt-60')).out, `${straight}\n`);
});

test('trains on real digits', async () => {
  if (!existsSync(mnist)) {
    console.log('\nskipped: trains on real digits: no folder with MNIST');
    return;
  }
  const ended = await run('--dir', dirOf('mnist'), ...QUICK, '--data', mnist);
  assert.is(ended.code, 0, ended.err);
  assert.is.not(finalOf(ended), straight);
  assert.match(ended.err, / [1-9]\d+ digits to train on/);
});

test.run();
