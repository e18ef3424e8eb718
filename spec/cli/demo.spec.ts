import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../store/temporary-folder.js';
import { tidemark } from './fake-io.js';

const test = suite('tidemark demo');

test('learns, and is the same however often it is stopped and resumed', async () => {
  const { path, dispose } = temporaryFolder();
  const whole = await tidemark(path, 'demo', '--name', 'whole', '--steps', '60', '--set', 'saveSteps=25', '--json');
  assert.is(whole.exitCode, 0, whole.err);
  const losses = [...whole.out.matchAll(/"loss":([\d.]+)/g)].map(([, loss]) => Number(loss));
  assert.ok((losses.at(-1) ?? 9) < (losses[0] ?? 0) * 0.9, `${losses[0]} to ${losses.at(-1)}`);

  await tidemark(path, 'demo', '--name', 'parts', '--steps', '7');
  await tidemark(path, 'resume', 'parts', '--steps', '33');
  await tidemark(path, 'resume', 'parts', '--steps', '60');
  const { exitCode, out } = await tidemark(path, 'diff', 'runs/whole/model.ckpt-60', 'runs/parts/model.ckpt-60');
  assert.is(exitCode, 0, out);
  dispose();
});

test('takes another course with another seed', async () => {
  const { path, dispose } = temporaryFolder();
  for (const seed of ['1', '2']) await tidemark(path, 'demo', '--name', seed, '--steps', '2', '--set', `seed=${seed}`);
  assert.is((await tidemark(path, 'diff', 'runs/1/model.ckpt-2', 'runs/2/model.ckpt-2')).exitCode, 1);
  dispose();
});

test.run();
