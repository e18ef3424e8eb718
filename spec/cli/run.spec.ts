import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../../lib/cli/run-cli.js';
import { tidemark } from './fake-io.js';
import { COUNTER, folderWith } from './session-modules.js';

const test = suite('tidemark run');

const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('runs the session of a module in a folder of its own, and says where things are', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  const { exitCode, out, err } = await tidemark(path, 'run', 'train.mjs', '--name', 'first');
  assert.is(exitCode, 0, err);
  assert.is(out, '');
  assert.match(err, /^tidemark \d+\.\d+\.\d+ {2}train\.mjs · run first\n {2}dir {8}runs\/first\n/);
  assert.match(err, / {2}saved {6}step 6 \(\d+ B, \d+ ms\) {2}runs\/first\/model\.ckpt-6\n/);
  for (const file of ['model.ckpt-6.index', 'run.json', 'log.jsonl', 'tidemark.command.json']) {
    assert.ok(existsSync(join(path, 'runs', 'first', file)), file);
  }
  dispose();
});

test('goes on from the last checkpoint, with more steps', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  await tidemark(path, 'run', 'train.mjs', '--dir', 'here');
  const resumed = await tidemark(path, 'run', 'train.mjs', '--dir', 'here', '--steps', '9', '--json');
  const lines = jsonLines(resumed.out);
  assert.is(lines.find(({ kind }) => kind === 'sessionCreated')?.['restored'], 'model.ckpt-6');
  const steps = lines.filter(({ kind }) => kind === 'step');
  assert.equal(
    steps.map(({ step, metrics }) => [step, (metrics as { loss: number }).loss]),
    [7, 8, 9].map((step) => [step, 1 / (step * 0.5)]),
  );
  assert.equal(lines.at(-1), { v: 1, kind: 'finished', run: 'here', step: 9, prefix: 'model.ckpt-9' });
  // And so does the command that was recorded.
  const again = await tidemark(path, 'resume', 'here', '--set', 'steps=10', '--json');
  assert.is(again.exitCode, 0, again.err);
  assert.is(jsonLines(again.out).find(({ kind }) => kind === 'sessionCreated')?.['restored'], 'model.ckpt-9');
  dispose();
});

test('prefers flags to the environment, that to the file, and that to the module, and explains', async () => {
  const config = JSON.stringify({ options: { rate: 0.1, name: 'file', net: { hidden: 1 } } });
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER, 'tidemark.config.json': config });
  let out = '';
  const exitCode = await runCli(['run', 'train.mjs', '--explain', '--json', '--set', 'net.hidden=3'], {
    cwd: path,
    env: { TIDEMARK_NAME: 'env', TIDEMARK_NET__HIDDEN: '2', TIDEMARK_GRACE: '5s' },
    out: (text) => (out += text),
    err: () => {},
  });
  assert.is(exitCode, 0);
  const rows = jsonLines(out).map(({ name, value, from }) => [name, value, from]);
  assert.equal(rows, [
    ['--dir', 'runs/<new name>', 'default'],
    ['--resume', 'allow', 'default'],
    ['--grace', 5, 'TIDEMARK_GRACE'],
    ['steps', 6, 'default'],
    ['rate', 0.1, 'tidemark.config.json'],
    ['name', 'env', 'TIDEMARK_NAME'],
    ['isFast', false, 'default'],
    ['net.hidden', 3, '--set'],
  ]);
  assert.not(existsSync(join(path, 'runs')));
  dispose();
});

for (const [args, pattern] of [
  [['--set', 'rat=1'], /no option "rat"\nfix {4}did you mean "rate"/],
  [['--set', 'rate=fast'], /--set rate: expected a number, as in 0\.5, got "fast"/],
  [['--set', 'isFast=1'], /expected a boolean/],
  [['--set', 'rate'], /--set rate: expected name=value/],
  [['--set', '__proto__.x=1'], /no name of an option/],
  [['--steps', '-5'], /--steps must be a whole number from 1, got "-5"/],
  [['--steps', '0'], /--steps must be a whole number from 1, got "0"/],
  [['--steps', '1e3.5'], /--steps must be a whole number from 1/],
  [['--steps', '0x10'], /--steps must be a whole number from 1/],
  [['--steps', '9007199254740993'], /--steps is too large/],
  [['--steps', '3', '--steps', '4'], /--steps is given twice/],
  [['--steps'], /--steps needs a value/],
  [['--max-step', '3'], /unknown option '--max-step'/],
  [['--stepz', '3'], /unknown option '--stepz'[\s\S]*did you mean --steps/i],
  [['--grace', '-1'], /--grace must be a time above 0/],
  [['--resume', 'maybe'], /--resume must be one of must, allow, never, auto, got "maybe"/],
  [['--name', '../x'], /run name may hold/],
  [['--name', 'a/b'], /run name may hold/],
  [['--name', 'CON'], /run name may hold/],
  [['--name', '.'], /run name may hold/],
  [['--name', 'x'.repeat(300)], /run name may hold/],
  [['--config', 'nowhere.json'], /nowhere\.json: no such file/],
  [['--config', 'broken.json'], /broken\.json is not JSON/],
  [['--config', 'throws.mjs'], /throws\.mjs cannot be loaded: Error: on purpose.*throws\.mjs:1/],
  [['--config', 'rejects.mjs'], /a promise that was rejected: later/],
  [['--config', 'nothing.mjs'], /nothing\.mjs has no default export/],
  [['--config', 'unknown.json'], /unknown key "optoins"\nfix {4}did you mean "options"/],
  [['--dir', 'broken.json'], /broken\.json is not a folder/],
  [['--dir', 'broken.json/run'], /is not a folder/],
] as const) {
  test(`refuses ${args.join(' ').slice(0, 50)}`, async () => {
    const { path, dispose } = folderWith({
      'train.mjs': COUNTER,
      'broken.json': '{',
      'throws.mjs': `throw new Error('on purpose');`,
      'rejects.mjs': `export default Promise.reject(new Error('later'));`,
      'nothing.mjs': 'export const x = 1;',
      'unknown.json': '{"optoins": {}}',
    });
    const { exitCode, err, out } = await tidemark(path, 'run', 'train.mjs', ...args);
    assert.match(err, pattern);
    assert.is(exitCode, 2);
    assert.is(out, '');
    assert.not(existsSync(join(path, 'runs')));
    dispose();
  });
}

for (const [text, pattern] of [
  ['', /exports nothing, and no session\nfix {4}export one/],
  ['export const sesion = 1;', /exports sesion, and no session: did you mean "session"/],
  ['export default 5;', /exports as its session a number/],
  ['export default () => 5;', /session function returned number, expected an observable/],
  ['export default () => {};', /returned nothing/],
  ['export default () => {}; export const options = 3;', /"options" is number/],
  [`import 'nowhere-at-all';`, /cannot be loaded: Error: Cannot find package 'nowhere-at-all'/],
] as const) {
  test(`refuses the module ${text.slice(0, 40)}`, async () => {
    const { path, dispose } = folderWith({ 'train.mjs': text });
    const { exitCode, err } = await tidemark(path, 'run', 'train.mjs');
    assert.match(err, pattern);
    assert.is(exitCode, 2);
    dispose();
  });
}

test('asks for an ES module', async () => {
  const { path, dispose } = folderWith({ 'train.ts': COUNTER });
  const { exitCode, err } = await tidemark(path, 'run', 'train.ts');
  // Node of 22.18 and newer sees for itself what the module is.
  if ((process.features as { typescript?: unknown }).typescript) assert.is(exitCode, 0, err);
  else assert.match(err, /counts as CommonJS[\s\S]*rename it to train\.mts, or: {2}npm pkg set type=module/);
  dispose();
});

test('keeps to the policy of resuming', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  const must = await tidemark(path, 'run', 'train.mjs', '--name', 'a', '--resume', 'must');
  assert.is(must.exitCode, 3);
  assert.match(must.err, /--resume must: there is no checkpoint in/);
  assert.is((await tidemark(path, 'run', 'train.mjs', '--name', 'a', '--resume', 'never')).exitCode, 0);
  const never = await tidemark(path, 'run', 'train.mjs', '--name', 'a', '--resume', 'never');
  assert.is(never.exitCode, 3);
  assert.match(never.err, /model\.ckpt-6/);
  const before = readFileSync(join(path, 'runs/a/checkpoint'), 'utf8');
  assert.is((await tidemark(path, 'run', 'train.mjs', '--name', 'a', '--resume', 'must')).exitCode, 0);
  assert.is(readFileSync(join(path, 'runs/a/checkpoint'), 'utf8'), before);
  dispose();
});

test('fails with 5 when the loss is not finite, and names the last good checkpoint', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': COUNTER.replace('loss: 1 / count[0]', 'loss: count[0] > 2 ? NaN : 1'),
  });
  const { exitCode, err } = await tidemark(path, 'run', 'train.mjs', '--name', 'nan');
  assert.match(err, /loss is NaN at step 5[\s\S]*last good {2}runs\/nan\/model\.ckpt-4/);
  assert.is(exitCode, 5);
  dispose();
});

test('fails with 1 when the training fails, and tells programs so', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': COUNTER.replace(
      'count[0] += options.rate;',
      `count[0] += 1; if (count[0] === 3) throw new Error('no data');`,
    ),
  });
  const { exitCode, out, err } = await tidemark(path, 'run', 'train.mjs', '--json');
  assert.is(exitCode, 1);
  assert.match(err, /error {2}no data/);
  const last = jsonLines(out).at(-1);
  assert.equal([last?.['kind'], last?.['error']], ['failed', { name: 'Error', message: 'no data' }]);
  dispose();
});

test('takes a stream without an end for no session', async () => {
  const { path, dispose } = folderWith({
    'train.mjs': `import { steps, trainingSession } from 'TIDEMARK'; export default (c) => steps()(trainingSession({ scaffold: { create: () => ({}) }, step: () => {}, input: [1], logger: c.logger }));`,
  });
  const { exitCode, err } = await tidemark(path, 'run', 'train.mjs');
  assert.is(exitCode, 1);
  assert.match(err, /completed without an `end`/);
  dispose();
});

test('tries a session out and leaves nothing behind', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  const { exitCode, err } = await tidemark(path, 'run', 'train.mjs', '--dry-run');
  assert.is(exitCode, 0, err);
  assert.match(err, /steps {4}2 taken[\s\S]*2 tensors and the rest of the state are the same, bit for bit/);
  assert.not(existsSync(join(path, 'runs')));
  dispose();
});

test('finds out in a dry run that a session does not restore, or not all', async () => {
  const { path, dispose } = folderWith({
    'forgets.mjs': COUNTER.replace('    restore, signal, logger,', '    signal, logger,'),
    'halves.mjs': COUNTER.replace("tensors.get('count').bytes)", 'new Float64Array([42]).buffer))').replace(
      '.set(new Float64Array([42]).buffer)',
      '.set(new Uint8Array(new Float64Array([42]).buffer)',
    ),
  });
  const forgets = await tidemark(path, 'run', 'forgets.mjs', '--dry-run');
  assert.match(forgets.err, /forgets\.mjs does not restore/);
  assert.is(forgets.exitCode, 1);
  const halves = await tidemark(path, 'run', 'halves.mjs', '--dry-run');
  assert.match(halves.err, /differs {2}part\/count: 1 of 1 differ[\s\S]*not the saved one/);
  assert.is(halves.exitCode, 1);
  dispose();
});

test('goes on with the last run that did not finish, if it is to decide itself', async () => {
  const { path, dispose } = folderWith({ 'train.mjs': COUNTER });
  await tidemark(path, 'run', 'train.mjs', '--name', 'done');
  const failing = COUNTER.replace(
    'count[0] += options.rate;',
    'count[0] += 1; if (count[0] === 5) throw new Error("x");',
  );
  writeFileSync(
    join(path, 'failing.mjs'),
    failing.replaceAll('TIDEMARK', new URL('../../lib/index.ts', import.meta.url).href),
  );
  await tidemark(path, 'run', 'failing.mjs', '--name', 'broken');
  const again = await tidemark(path, 'run', 'failing.mjs', '--resume', 'auto');
  assert.match(again.err, /run broken[\s\S]*resume {5}from step 4/);
  const fresh = await tidemark(path, 'run', 'train.mjs', '--resume', 'auto');
  assert.not.match(fresh.err, /run (done|broken)/);
  assert.is(fresh.exitCode, 0);
  dispose();
});

test.run();
