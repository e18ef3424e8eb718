import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { fileStore } from '../../lib/store/file-store.js';
import { float32Scalar } from '../../lib/tensor/make-tensor.js';
import { train } from '../checkpoint/scratch-folder.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { tidemark } from './fake-io.js';

const test = suite<{ folder: ReturnType<typeof temporaryFolder>; dir: string }>('tidemark');
const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

test.before.each(async (context) => {
  context.folder = temporaryFolder();
  context.dir = join(context.folder.path, 'a run');
  await train(fileStore(context.dir), 3);
});
test.after.each(({ folder }) => folder.dispose());

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function filesOf(dir: string): unknown {
  return readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name)).toString('hex')]);
}

test('inspect shows a table for people', async ({ dir, folder }) => {
  const { exitCode, out, err } = await tidemark(folder.path, 'inspect', 'a run/model.ckpt-3');
  assert.equal([exitCode, err], [0, '']);
  const lines = out.trimEnd().split('\n');
  assert.is(lines[0], 'step 3 · written 1970-01-01 00:00:01Z · tensor-bundle · loss 0.3333');
  assert.match(lines[1] ?? '', /^NAME +DTYPE +SHAPE +BYTES +MIN +MAX +MEAN +CRC32C$/);
  assert.match(out, /^model\/weights +float32 +4 +16 +\S+ +\S+ +\S+ +[0-9a-f]{8} +good$/m);
  assert.match(lines.at(-1) ?? '', /^4 tensors · \d+ B · all checksums good$/);
  assert.not.match(out, '\x1b');
  assert.equal(await tidemark(dir, 'inspect', './model.ckpt-3.index'), { exitCode, out, err });
});

test('inspect says which tensor is damaged', async ({ dir }) => {
  damage(join(dir, 'model.ckpt-3.data-00000-of-00001'));
  const { exitCode, out, err } = await tidemark(dir, 'inspect', 'model.ckpt-3');
  assert.is(exitCode, 3);
  assert.match(out, /BAD$/m);
  assert.match(out, /· 1 BAD$/m);
  assert.match(err, /^error {2}\S+: .*checksum/);
  const json = await tidemark(dir, 'inspect', 'model.ckpt-3', '--json');
  const { tensors } = JSON.parse(json.out) as { tensors: readonly { sha256: string | null }[] };
  assert.equal([json.exitCode, tensors.length, tensors.filter(({ sha256 }) => sha256 === null).length], [3, 4, 1]);
});

test('inspect prints no escape that is in a name', async ({ dir }) => {
  const name = '\x1b]0;owned\x07\u202egpj.exe\n';
  const snapshot = { globalStep: 1, tensors: new Map([[name, float32Scalar(1)]]), json: null };
  const record = { globalStep: 1, savedAt: 0, parent: undefined, metrics: new Map<string, number>() };
  await lastValueFrom(fileStore(dir).write('evil', tensorBundle().encode(snapshot, record)));
  const { out, exitCode } = await tidemark(dir, 'inspect', 'evil');
  assert.is(exitCode, 0);
  assert.ok(out.includes('\\x1b]0;owned\\x07\\u{202e}gpj.exe\\x0a'), out);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.not.match(out, /[\x00-\x09\x0b-\x1f\u202e]/);
  const json = await tidemark(dir, 'inspect', 'evil', '--json');
  assert.not.match(json.out, '\x1b');
  assert.ok((JSON.parse(json.out) as { tensors: { name: string }[] }).tensors.some((tensor) => tensor.name === name));
});

test('verify lists each checkpoint, and last the newest valid step', async ({ dir, folder }) => {
  const all = await tidemark(folder.path, 'verify', 'a run');
  assert.equal(all, {
    exitCode: 0,
    out: `${[0, 1, 2, 3].map((step) => `model.ckpt-${step}  step ${step}  good\n`).join('')}3\n`,
    err: '4 good, 0 bad · resume would use model.ckpt-3\n',
  });
  damage(join(dir, 'model.ckpt-3.data-00000-of-00001'));
  const bad = await tidemark(dir, 'verify', '.');
  assert.is(bad.exitCode, 3);
  assert.match(bad.out, /model\.ckpt-3 {2}step 3 {2}BAD {3}.*checksum/);
  assert.is(bad.out.trimEnd().split('\n').at(-1), '2');
  const json = JSON.parse((await tidemark(dir, 'verify', '.', '--json')).out) as Record<string, unknown>;
  assert.equal(json['newestValid'], 2);
  assert.equal(
    (json['checkpoints'] as { valid: boolean }[]).map(({ valid }) => valid),
    [true, true, true, false],
  );
});

test('verify with an older one damaged still ends well', async ({ dir }) => {
  damage(join(dir, 'model.ckpt-1.index'));
  const { exitCode, out } = await tidemark(dir, 'verify', '.');
  assert.equal([exitCode, out.trimEnd().split('\n').at(-1)], [0, '3']);
});

test('verify sees a damaged record, a swapped one, and a planted index', async ({ dir }) => {
  damage(join(dir, 'model.ckpt-2.tidemark.json'));
  renameSync(join(dir, 'model.ckpt-0.tidemark.json'), join(dir, 'model.ckpt-1.tidemark.json'));
  writeFileSync(join(dir, 'ckpt-999999.index'), 'garbage');
  const { exitCode, out } = await tidemark(dir, 'verify', '.');
  assert.is(exitCode, 3);
  assert.match(out, /^model.ckpt-2 +step 2 {2}BAD/m);
  assert.match(out, /^model.ckpt-1 +step 0 {2}BAD .*its record says 0/m);
  assert.match(out, /^ckpt-999999 +step 999999 {2}BAD/m);
  assert.is(out.trimEnd().split('\n').at(-1), '3');
});

test('verify of nothing is none', async ({ folder }) => {
  const empty = join(folder.path, '-odd näme "quoted"');
  mkdirSync(empty);
  assert.equal(await tidemark(folder.path, 'verify', '--', '-odd näme "quoted"'), {
    exitCode: 3,
    out: 'none\n',
    err: '',
  });
  const missing = await tidemark(folder.path, 'verify', 'nowhere');
  assert.equal([missing.exitCode, missing.out], [3, 'none\n']);
  assert.match(missing.err, /^error {2}there is no run nowhere, neither here nor in runs\nfix {4}tidemark ls/);
  const json = await tidemark(folder.path, 'verify', empty, '--json');
  assert.is(json.out, '{"checkpoints":[],"newestValid":null}\n');
});

test('verify reads checkpoints of safetensors, and of no step', async ({ folder }) => {
  const dir = join(folder.path, 'sf');
  await train(fileStore(dir), 2, { format: safetensors() });
  assert.equal((await tidemark(dir, 'verify', '.')).out.trimEnd().split('\n').at(-1), '2');
  damage(join(dir, 'model.ckpt-2.safetensors'));
  const { exitCode, out } = await tidemark(dir, 'verify', '.');
  assert.equal([exitCode, out.trimEnd().split('\n').at(-1)], [3, '1']);
});

test('hash is of the state alone', async ({ dir, folder }) => {
  const other = join(folder.path, 'other');
  await train(fileStore(other), 3, { basename: 'w' });
  const { exitCode, out } = await tidemark(dir, 'hash', 'model.ckpt-3');
  assert.is(exitCode, 0);
  assert.match(out, /^[0-9a-f]{64}\n$/);
  assert.is((await tidemark(other, 'hash', 'w-3')).out, out);
  assert.is.not((await tidemark(dir, 'hash', 'model.ckpt-2')).out, out);
  damage(join(dir, 'model.ckpt-3.data-00000-of-00001'));
  const bad = await tidemark(dir, 'hash', 'model.ckpt-3');
  assert.equal([bad.exitCode, bad.out], [3, '']);
  assert.match(bad.err, /^error {2}.*\n {7}CORRUPT_DATA\n$/s);
});

for (const [args, exitCode, err] of [
  [['inspect', 'model.ckpt-7'], 3, /^error {2}.*model\.ckpt-7.*\n(fix .*\n)? {7}CHECKPOINT_NOT_FOUND\n$/],
  [['inspect', 'nowhere/model.ckpt-7'], 3, /CHECKPOINT_NOT_FOUND/],
  [['inspect', '.'], 2, /^error {2}\. is a folder\nfix {4}tidemark verify \. lists/],
  [['inspect', ''], 2, /^error {2}expected the path of a checkpoint\n$/],
  [['inspect', '.hidden'], 2, /^error {2}\.hidden cannot be a checkpoint/],
  [['hash', `x${'y'.repeat(300)}`], 2, /cannot be a checkpoint/],
  [['inspekt', 'x'], 2, /^error {2}unknown command 'inspekt'\nfix {4}did you mean inspect\?\n$/],
  [['inspect', 'x', '--jsn'], 2, /^error {2}unknown option '--jsn'\nfix {4}did you mean --json\?\n$/],
  [['inspect'], 2, /^error {2}missing required argument 'checkpoint'/],
  [['hash', 'a', 'b'], 2, /^error {2}too many arguments/],
  [[], 2, /Usage: tidemark/],
] as const) {
  test(`says what is wrong with: tidemark ${args.join(' ').slice(0, 40)}`, async ({ dir }) => {
    const result = await tidemark(dir, ...args);
    assert.match(result.err, err);
    assert.equal([result.exitCode, result.out], [exitCode, '']);
  });
}

test('helps with examples, and knows its version', async ({ dir }) => {
  const help = await tidemark(dir, '--help');
  assert.is(help.exitCode, 0);
  for (const command of ['inspect', 'verify', 'hash']) {
    assert.match(help.out, new RegExp(`^ {2}${command} `, 'm'));
    const { exitCode, out } = await tidemark(dir, command, '--help');
    assert.is(exitCode, 0);
    assert.match(out, `Examples:\n  tidemark ${command} `);
  }
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal(await tidemark(dir, '--version'), { exitCode: 0, out: `${version}\n`, err: '' });
});

test('as a process: data on standard output, exit codes, no colours, a pipe that closes early', ({ dir }) => {
  const run = (args: readonly string[], command = 'node') =>
    spawnSync(command, command === 'node' ? ['--import', 'tsx', main, ...args] : [...args], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
    });
  const good = run(['verify', dir]);
  assert.equal([good.status, good.stdout.trimEnd().split('\n').at(-1)], [0, '3']);
  const bad = run(['inspect', join(dir, 'model.ckpt-9')]);
  assert.equal([bad.status, bad.stdout], [3, '']);
  assert.match(bad.stderr, 'CHECKPOINT_NOT_FOUND');
  const script = `set -o pipefail; node --import tsx "${main}" inspect "${dir}/model.ckpt-3" | head -1`;
  const piped = run(['-c', script], 'bash');
  assert.equal([piped.status, piped.stderr], [0, '']);
  const closed = run(['-c', `node --import tsx "${main}" hash "${dir}/model.ckpt-3" >&-`], 'bash');
  assert.not.match(closed.stderr, /Error|at /);
});

test('writes nothing and takes no lock', async ({ dir }) => {
  const before = filesOf(dir);
  for (const args of [
    ['verify', '.'],
    ['inspect', 'model.ckpt-3'],
    ['hash', 'model.ckpt-3'],
    ['inspect', 'nothing'],
  ]) {
    await tidemark(dir, ...args);
  }
  assert.equal(filesOf(dir), before);
  // The lock is another's: no command minds.
  const lock = await lastValueFrom(fileStore(dir).lock());
  assert.is((await tidemark(dir, 'verify', '.')).exitCode, 0);
  lock.release();
});

test('commands that look open files for reading only, as the kernel sees it', async ({ folder }) => {
  if (spawnSync('strace', ['-V']).error !== undefined) {
    console.log('\nskipped: commands that look open files for reading only, as the kernel sees it: no strace');
    return;
  }
  assert.is((await tidemark(folder.path, 'demo', '--name', 'a', '--steps', '5')).exitCode, 0);
  const run = join(folder.path, 'runs/a');
  const trace = join(folder.path, 'trace');
  const opening = 'openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink';
  const looks = [
    ['verify', run],
    ['inspect', join(run, 'model.ckpt-5')],
    ['hash', join(run, 'model.ckpt-5')],
    ['diff', join(run, 'model.ckpt-0'), join(run, 'model.ckpt-5')],
    ['ls', join(folder.path, 'runs')],
    ['show', run],
    ['timeline', run],
    ['tail', run],
    ['prune', run, '--keep-last', '1', '--dry-run'],
    ['rm', run, '--dry-run'],
  ];
  for (const args of looks) {
    const traced = ['-f', '-o', trace, '-e', `trace=${opening},truncate,ftruncate,bind`];
    const { status } = spawnSync('strace', [...traced, 'node', '--import', 'tsx', main, ...args]);
    assert.is(status, args[0] === 'diff' ? 1 : 0, args[0]);
    const lines = readFileSync(trace, 'utf8').split('\n');
    const calls = lines.filter((line) => line.includes(join(folder.path, 'runs')) && !line.includes('execve'));
    assert.ok(calls.length >= 1, `${args[0]}: ${calls.length} calls`);
    for (const call of calls) assert.match(call, /open(at)?\(.*O_RDONLY/, args[0]);
  }
});

test('a folder that cannot be read is a fault of the storage', async ({ dir, folder }) => {
  if (process.getuid?.() === 0) {
    console.log('\nskipped: a folder that cannot be read is a fault of the storage: no way to forbid root anything');
    return;
  }
  chmodSync(dir, 0);
  try {
    const { exitCode, err } = await tidemark(folder.path, 'verify', dir);
    assert.is(exitCode, 4);
    assert.match(err, /STORAGE_PERMISSION/);
  } finally {
    chmodSync(dir, 0o755);
    rmSync(dir, { recursive: true });
  }
});

test.run();
