// The catalogue of bad inputs, as far as the command line takes them: a row a case, by its number.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileStore } from '../../lib/node.js';
import { pageFolder } from '../dashboard/page-folder.js';
import { tidemark, tidemarkWith } from './fake-io.js';
import { COUNTER, folderWith } from './session-modules.js';

const test = suite('bad input');
const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

const TRAIN = ['run', 'train.mjs'];
const saverOption = (text: string): string => COUNTER.replace('everySteps(2)', text);
const retention = (text: string): string =>
  COUNTER.replace('import { checkpointSaver', 'import { keepLatest, checkpointSaver').replace(
    'storeSaver(store)',
    `storeSaver(store, { retention: keepLatest(${text}) })`,
  );
const hookIs = (text: string): string => COUNTER.replace("nanGuard('loss'),", `nanGuard('loss'), ${text},`);

const FILES = {
  'train.mjs': COUNTER,
  'a.txt': 'a file',
  'broken.json': '{',
  'syntax.mjs': 'export default {',
  'throws.mjs': `throw new Error('on purpose');`,
  'rejects.mjs': `export default Promise.reject(new Error('later'));`,
  'empty.mjs': '',
  'keep-0.mjs': retention('0'),
  'keep-text.mjs': retention("'3'"),
  'every-0.mjs': saverOption('everySteps(0)'),
  'no-trigger.mjs': saverOption('undefined'),
  'no-hook.mjs': hookIs('undefined'),
  'promised-hook.mjs': hookIs('Promise.resolve((x) => x)'),
  'text-error.mjs': COUNTER.replace('count[0] += options.rate;', `throw 'a text';`),
  'long-error.mjs': COUNTER.replace('count[0] += options.rate;', `throw new Error('x'.repeat(1e7));`),
  'null-error.mjs': COUNTER.replace('count[0] += options.rate;', 'throw null;'),
  'evil-error.mjs': COUNTER.replace(
    'count[0] += options.rate;',
    `const e = new Error('e'); Object.defineProperty(e, 'message', { get() { throw new Error('inner'); } }); throw e;`,
  ),
  'cycle-error.mjs': COUNTER.replace(
    'count[0] += options.rate;',
    `const e = new Error('round'); e.cause = e; throw e;`,
  ),
};

/** Number, command line, exit code, what is said; each leaves no folder of a run that did not begin. */
const ROWS: readonly (readonly [id: string, args: readonly string[], exitCode: number, says: RegExp])[] = [
  ['B01', ['rnu', 'train.mjs'], 2, /unknown command 'rnu'\nfix {4}did you mean run\?/],
  ['B02', [...TRAIN, '--max-step', '3'], 2, /unknown option '--max-step'\nfix /],
  ['B02', [...TRAIN, '--step', '3'], 2, /unknown option '--step'\nfix {4}did you mean --steps\?/],
  ['B03', [...TRAIN, '--steps'], 2, /--steps needs a value/],
  ...['-5', '0', '1e3.5', 'NaN', 'Infinity', '0x10', '10 ', ''].map(
    (text) => ['B04', [...TRAIN, '--steps', text], 2, /--steps must be a whole number from 1, got "/] as const,
  ),
  ['B05', [...TRAIN, '--steps', '9007199254740993'], 2, /--steps is too large/],
  ['B06', [...TRAIN, '--steps', '3', '--steps', '4'], 2, /--steps is given twice, with different values: 3 and 4/],
  ['B06', [...TRAIN, '--name', 'a', '--dir', 'b'], 2, /--name and --dir both say where the run goes/],
  ['B08', [...TRAIN, '--dir', 'a.txt'], 2, /--dir \S*a\.txt is not a folder/],
  ['B09', [...TRAIN, '--dir', 'a.txt/run'], 2, /is not a folder, or lies below a file \(ENOTDIR\)/],
  ['B12', [...TRAIN, '--dir', 'dangling'], 2, /is a link that leads nowhere \(ENOENT\)/],
  ['B12', [...TRAIN, '--dir', 'loop'], 2, /leads to itself \(ELOOP, too many links\)/],
  ['B13', [...TRAIN, '--config', 'nowhere.json'], 2, /nowhere\.json: no such file/],
  ['B13', [...TRAIN, '--config', 'broken.json'], 2, /broken\.json is not JSON: /],
  ['B13', [...TRAIN, '--config', 'syntax.mjs'], 2, /syntax\.mjs cannot be loaded: SyntaxError: /],
  [
    'B13',
    [...TRAIN, '--config', 'throws.mjs'],
    2,
    /throws\.mjs cannot be loaded: Error: on purpose \(\S+throws\.mjs:1/,
  ],
  ['B13', [...TRAIN, '--config', 'empty.mjs'], 2, /empty\.mjs has no default export\nfix /],
  ['B13', [...TRAIN, '--config', 'rejects.mjs'], 2, /its default export is a promise that was rejected: later/],
  [
    'B15',
    ['dashboard', '--port', '70000'],
    2,
    /--port is too large: it must be a whole number from 0 to 65535, got "70000"/,
  ],
  ['B15', ['dashboard', '--port', '-1'], 2, /--port must be a whole number from 0 to 65535, got "-1"/],
  ['B15', ['dashboard', '--port', 'abc'], 2, /--port must be a whole number from 0 to 65535, got "abc"/],
  ['B16', ['dashboard', '--host', '203.0.113.1'], 2, /--host 203\.0\.113\.1 is no address of this machine/],
  [
    'B19',
    ['run', 'keep-0.mjs'],
    1,
    /keepLatest\(\w+\): expected a whole number from 1 or Infinity, received 0\n {7}\S+keep-0\.mjs:\d+:\d+/,
  ],
  ['B19', ['run', 'keep-text.mjs'], 1, /keepLatest\(\w+\): expected a whole number from 1 or Infinity, received /],
  ['B19', ['prune', '.', '--keep-last', '0'], 2, /--keep-last must be a whole number from 1, got "0"/],
  ['B20', ['run', 'every-0.mjs'], 1, /everySteps\(\w+\): expected a whole number from 1, received 0/],
  [
    'B20',
    ['run', 'no-trigger.mjs'],
    1,
    /checkpointSaver\(trigger\): expected a trigger, e\.g\. everySteps\(100\), received undefined/,
  ],
  ['B21', ['run', 'no-hook.mjs'], 2, /what is piped is no hook: expected a function \(\S+no-hook\.mjs:\d+:\d+\)\nfix /],
  ['B21', ['run', 'promised-hook.mjs'], 2, /what is piped is no hook: expected a function/],
  ['B25', [...TRAIN, '--name', '../x'], 2, /run name may hold/],
  ['B25', [...TRAIN, '--name', 'a/b'], 2, /run name may hold/],
  ['B25', [...TRAIN, '--name', 'CON'], 2, /run name may hold/],
  ['B25', [...TRAIN, '--name', '.'], 2, /run name may hold/],
  ['B25', [...TRAIN, '--name', 'x'.repeat(300)], 2, /run name may hold/],
  ['B59', ['run', 'text-error.mjs', '--dir', 'e1'], 1, /^error {2}a text$/m],
  ['B59', ['run', 'null-error.mjs', '--dir', 'e2'], 1, /^error {2}null$/m],
  ['B59', ['run', 'long-error.mjs', '--dir', 'e3'], 1, /^error {2}x{900,1100}…$/m],
  ['B59', ['run', 'evil-error.mjs', '--dir', 'e4'], 1, /^error {2}/m],
  ['B59', ['run', 'cycle-error.mjs', '--dir', 'e5', '--verbose'], 1, /^error {2}round$/m],
  ['—', ['show', 'nobody'], 2, /there is no run nobody, neither here nor in runs\nfix /],
  ['—', ['resume', 'nobody'], 2, /there is no run nobody, neither here nor in runs\nfix /],
  ['—', ['run', 'nowhere.mjs'], 2, /nowhere\.mjs: no such file/],
  ['—', ['run', 'empty.mjs'], 2, /exports nothing, and no session\nfix {4}export one, [\s\S]*export default/],
  ['—', ['inspect', 'nowhere/model.ckpt-1'], 3, /CHECKPOINT_NOT_FOUND/],
  ['—', ['convert', 'a', 'b'], 2, /convert needs to know the format to write\nfix /],
];

for (const [id, args, exitCode, says] of ROWS) {
  test(`${id}: ${args.join(' ').slice(0, 60)}`, async () => {
    const { path, dispose } = folderWith(FILES);
    symlinkSync('nowhere', join(path, 'dangling'));
    symlinkSync('loop', join(path, 'loop'));
    const { exitCode: code, out, err } = await tidemarkWith({ pageFolder: await pageFolder() }, path, ...args);
    assert.match(err, says);
    assert.equal([code, out], [exitCode, ''], err);
    if (args.includes('--verbose')) return dispose();
    assert.ok(err.length < 3000, `${err.length} characters`);
    assert.not.match(err, /\n {4}at |\[object Object\]/);
    if (code === 2 && id !== 'B21') assert.not(existsSync(join(path, 'runs')));
    dispose();
  });
}

test('B11: a folder where nothing may be made', async () => {
  if (process.getuid?.() === 0) {
    console.log('\nskipped: B11, a folder where nothing may be made: no way to forbid root anything');
    return;
  }
  const { path, dispose } = folderWith(FILES);
  mkdirSync(join(path, 'closed'), { mode: 0o555 });
  const { err, exitCode } = await tidemark(path, ...TRAIN, '--dir', 'closed/run');
  assert.is(exitCode, 2);
  assert.match(err, /--dir \S*closed\/run cannot be made: permission denied for \w+/);
  dispose();
});

test('B15: a port that is in use', async () => {
  const { path, dispose } = folderWith({});
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const { exitCode, err } = await tidemarkWith(
    { pageFolder: await pageFolder() },
    path,
    'dashboard',
    '--port',
    `${port}`,
  );
  blocker.close();
  assert.is(exitCode, 2);
  assert.match(err, /--port \d+ is in use by another program\nfix {4}leave --port out, .*; or --port 0/);
  dispose();
});

test('B18: standard output closed, standard input closed', () => {
  const { path, dispose } = folderWith(FILES);
  for (const [name, closing] of [
    ['a', '>&-'],
    ['b', '<&-'],
    ['c', '>&- <&- 2>&-'],
  ] as const) {
    const command = `'${process.execPath}' --import '${TSX}' '${MAIN}' run train.mjs --name ${name} --json ${closing}`;
    assert.is(spawnSync('bash', ['-c', command], { cwd: path }).status, 0, closing);
    assert.ok(existsSync(join(path, 'runs', name, 'model.ckpt-6.index')), closing);
  }
  dispose();
});

test('B27: weights that are not finite are saved exactly, and the loss that is not ends the run with 5', async () => {
  const { path, dispose } = folderWith({
    'odd.mjs': COUNTER.replace('count[0] += options.rate;', 'count[0] = count[0] === 0 ? NaN : count[0];').replace(
      'loss: 1 / count[0]',
      'loss: 1',
    ),
    'nan.mjs': COUNTER.replace('loss: 1 / count[0]', 'loss: count[0] > 1 ? NaN : 1'),
  });
  assert.is((await tidemark(path, 'run', 'odd.mjs', '--name', 'odd')).exitCode, 0);
  const { out } = await tidemark(path, 'inspect', 'runs/odd/model.ckpt-6');
  assert.match(out, /part\/count .* good, 1 NaN$/m);
  const nan = await tidemark(path, 'run', 'nan.mjs', '--name', 'nan');
  assert.is(nan.exitCode, 5);
  assert.match(nan.err, /loss is NaN at step 3\nfix {4}.*\n {7}NAN_LOSS\n {2}last good {2}runs\/nan\/model\.ckpt-2/);
  dispose();
});

test('B32: all checkpoints damaged: never a silent fresh start', async () => {
  const { path, dispose } = folderWith(FILES);
  await tidemark(path, ...TRAIN, '--name', 'a');
  const folder = join(path, 'runs/a');
  for (const name of readdirSync(folder)) if (name.includes('.data-')) truncateSync(join(folder, name), 1);
  const { exitCode, err } = await tidemark(path, 'resume', 'a', '--steps', '9');
  assert.is(exitCode, 3);
  assert.match(
    err,
    /no valid checkpoint in \S+: \d found, \d damaged \(first: [\s\S]*fix {4}start from scratch in another folder/,
  );
  assert.is((await tidemark(path, 'verify', 'a')).out.split('\n').at(-2), 'none');
  dispose();
});

test('B55: a second trainer on the folder is refused, and names the first', async () => {
  const { path, dispose } = folderWith(FILES);
  mkdirSync(join(path, 'runs/a'), { recursive: true });
  const lock = await lastValueFrom(fileStore(join(path, 'runs/a')).lock());
  const { exitCode, err } = await tidemark(path, ...TRAIN, '--name', 'a');
  lock.release();
  assert.is(exitCode, 4);
  assert.match(err, /is in use by pid \d+ on \S+ since \d{4}-[\s\S]*STORE_IN_USE/);
  dispose();
});

test('B57: planted files are passed over and stay', async () => {
  const { path, dispose } = folderWith(FILES);
  await tidemark(path, ...TRAIN, '--name', 'a');
  const planted = ['ckpt-999999.index', 'ckpt-1e9.index', 'ckpt--5.index', 'model.ckpt-007.index'];
  for (const name of planted) writeFileSync(join(path, 'runs/a', name), 'garbage');
  const { exitCode, err } = await tidemark(path, 'resume', 'a', '--steps', '8');
  assert.is(exitCode, 0, err);
  assert.match(err, /warning {4}left aside: .*ckpt-999999/);
  assert.match(err, /resume {5}from step 6 \(model\.ckpt-6\)/);
  for (const name of planted) assert.ok(existsSync(join(path, 'runs/a', name)), name);
  dispose();
});

test('a checkpoint that does not fit the model: which tensor, and what to do', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': COUNTER,
    'wider.mjs': COUNTER.replace(
      "['count', makeTensor('float64', [], count)]",
      "['cnt', makeTensor('float64', [], count)]",
    ),
  });
  await tidemark(path, ...TRAIN, '--name', 'a');
  const { exitCode, err } = await tidemark(path, 'run', 'wider.mjs', '--name', 'a', '--steps', '9');
  assert.is(exitCode, 3, err);
  assert.match(err, /^error {2}checkpoint model\.ckpt-6 does not fit this state:/m);
  for (const name of ['count', 'cnt']) assert.match(err, new RegExp(`\\b\\w+/${name} is `));
  assert.match(err, /^fix {4}/m);
  assert.match(err, /STATE_MISMATCH/);
  dispose();
});

test('R43: no secret is printed, recorded or logged, whichever way it came and whatever failed', async () => {
  const canary = 'canary-9f8e7d6c';
  const url = `https://user:${canary}@host/bucket?X-Amz-Signature=${canary}`;
  const module = `${COUNTER.replace("name: 'plain'", "name: 'plain', apiKey: '', store: ''")
    .replace(
      'return trainingSession',
      `logger.info({ apiKey: options.apiKey, deep: { token: '${canary}' } }, 'at ${url}'); return trainingSession`,
    )
    .replace(
      'count[0] += options.rate;',
      `count[0] += 1; if (count[0] === 5) throw new Error('cannot reach ${url}', { cause: new Error('Bearer ${canary}') });`,
    )}`;
  const { path, dispose } = folderWith({
    'train.mjs': module,
    'tidemark.config.json': JSON.stringify({ options: { apiKey: canary } }),
  });
  const said: string[] = [];
  const call = async (...args: readonly string[]): Promise<number> => {
    const env = { TIDEMARK_STORE: url, TIDEMARK_API_KEY: canary };
    const { exitCode, out, err } = await tidemarkWith({ env }, path, ...args);
    said.push(out, err);
    return exitCode;
  };
  assert.is(
    await call(
      'run',
      'train.mjs',
      '--name',
      'a',
      '--set',
      `apiKey=${canary}`,
      '--set',
      `store=${url}`,
      '--json',
      '--verbose',
    ),
    1,
  );
  await call('run', 'train.mjs', '--explain');
  await call('run', 'train.mjs', '--explain', '--json');
  await call('run', 'train.mjs', '--set', `apiKye=${canary}`);
  await call('run', 'train.mjs', '--set', `rate=${url}`);
  await call('resume', 'a', '--steps', '4', '--verbose');
  for (const command of [
    ['show', 'a'],
    ['show', 'a', '--json'],
    ['tail', 'a'],
    ['timeline', 'a'],
    ['ls', '--json'],
  ])
    await call(...command);
  for (const text of said) assert.not.match(text, canary);
  for (const name of readdirSync(join(path, 'runs/a'))) {
    assert.not.match(readFileSync(join(path, 'runs/a', name), 'latin1'), canary, name);
  }
  assert.match(said.join(''), /apiKey was not written down: give it again, by --set or TIDEMARK_API_KEY/);
  assert.match(said.join(''), /cannot reach https:\/\/\[hidden\]@host/);
  dispose();
});

test.run();
