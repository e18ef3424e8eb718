// The commands that work on folders of checkpoints: diff, convert, prune, doctor, init.

import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileStore } from '../../lib/node.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { tidemark } from './fake-io.js';
import { COUNTER, folderWith } from './session-modules.js';

const test = suite('tidemark on folders');

async function trained(): Promise<{ readonly path: string; dispose(): void }> {
  const folder = folderWith({ 'train.mjs': COUNTER });
  assert.is((await tidemark(folder.path, 'run', 'train.mjs', '--dir', 'a')).exitCode, 0);
  return folder;
}

test('diff tells of what differs, and by how much', async () => {
  const { path, dispose } = await trained();
  const { exitCode, out } = await tidemark(path, 'diff', 'a/model.ckpt-4', 'a/model.ckpt-6');
  assert.is(exitCode, 1);
  assert.match(out, /^global_step +1 of 1 differ, by at most 2\n/);
  // 2 and 3 are half an exponent apart.
  assert.match(out, /part\/count +1 of 1 differ, by at most 1, 2251799813685248 ulp\n/);
  const json = JSON.parse((await tidemark(path, 'diff', 'a/model.ckpt-4', 'a/model.ckpt-6', '--json')).out);
  assert.is(json.equal, false);
  const same = await tidemark(path, 'diff', 'a/model.ckpt-6', 'a/model.ckpt-6.index');
  assert.equal([same.exitCode, same.out], [0, '2 tensors and the rest: all equal\n']);
  assert.is((await tidemark(path, 'diff', 'a/model.ckpt-6', 'a/model.ckpt-7')).exitCode, 3);
  dispose();
});

test('convert gives the same checkpoint in another format, and back', async () => {
  const { path, dispose } = await trained();
  const there = await tidemark(path, 'convert', 'a/model.ckpt-6', 'b/six', '--to', 'safetensors');
  assert.equal(
    [there.exitCode, readdirSync(join(path, 'b')).sort()],
    [0, ['six.safetensors', 'six.safetensors.tidemark.json']],
  );
  const back = await tidemark(path, 'convert', 'b/six', 'b/back', '--to', 'bundle');
  assert.is(back.exitCode, 0, back.err);
  assert.is((await tidemark(path, 'diff', 'a/model.ckpt-6', 'b/back')).exitCode, 0);
  assert.is(
    readFileSync(join(path, 'b/back.data-00000-of-00001')).compare(
      readFileSync(join(path, 'a/model.ckpt-6.data-00000-of-00001')),
    ),
    0,
  );
  dispose();
});

test('convert overwrites nothing, and leaves nothing of a damaged checkpoint', async () => {
  const { path, dispose } = await trained();
  assert.is((await tidemark(path, 'convert', 'a/model.ckpt-6', 'a/model.ckpt-4', '--to', 'bundle')).exitCode, 3);
  assert.is((await tidemark(path, 'convert', 'a/model.ckpt-6', 'a', '--to', 'bundle')).exitCode, 2);
  assert.is((await tidemark(path, 'convert', 'a/model.ckpt-6', 'x', '--to', 'zip')).exitCode, 2);
  truncateSync(join(path, 'a/model.ckpt-2.data-00000-of-00001'), 5);
  assert.is((await tidemark(path, 'convert', 'a/model.ckpt-2', 'c/two', '--to', 'safetensors')).exitCode, 3);
  assert.not(existsSync(join(path, 'c')));
  dispose();
});

test('prune says what would go, and then deletes that', async () => {
  const { path, dispose } = await trained();
  const flags = ['--keep-last', '1', '--keep-best', 'loss:max:1'];
  const before = readdirSync(join(path, 'a'));
  const dry = await tidemark(path, 'prune', 'a', ...flags, '--dry-run', '--json');
  assert.equal(
    JSON.parse(dry.out).checkpoints.map(({ step, isKept }: { step: number; isKept: boolean }) => [step, isKept]),
    [
      [0, false],
      [2, true],
      [4, false],
      [6, true],
    ],
  );
  assert.equal(readdirSync(join(path, 'a')), before);
  const { exitCode, out, err } = await tidemark(path, 'prune', 'a', ...flags);
  assert.is(exitCode, 0);
  assert.match(out, /model\.ckpt-4 {2}delete[\s\S]*model\.ckpt-6 {2}keep {4}among the latest 1/);
  assert.match(err, /2 of 4 deleted, \d+ B/);
  const left = readdirSync(join(path, 'a')).filter((name) => name.endsWith('.index'));
  assert.equal(left, ['model.ckpt-2.index', 'model.ckpt-6.index']);
  assert.is((await tidemark(path, 'verify', 'a')).exitCode, 0);
  dispose();
});

test('prune leaves a folder alone where a run is at work, and what it is not told to keep', async () => {
  const { path, dispose } = await trained();
  assert.is((await tidemark(path, 'prune', 'a')).exitCode, 2);
  assert.is((await tidemark(path, 'prune', 'a', '--keep-best', 'loss')).exitCode, 2);
  assert.is((await tidemark(path, 'prune', 'nowhere', '--keep-last', '1')).exitCode, 2);
  const lock = await lastValueFrom(fileStore(join(path, 'a')).lock());
  const refused = await tidemark(path, 'prune', 'a', '--keep-last', '1');
  assert.not.equal(refused.exitCode, 0);
  assert.match(refused.err, /in use by pid \d+/);
  lock.release();
  assert.ok(existsSync(join(path, 'a/model.ckpt-0.index')));
  dispose();
});

test('doctor looks at the machine and leaves nothing behind', async () => {
  const { path, dispose } = temporaryFolder();
  const { exitCode, out } = await tidemark(path, 'doctor', 'not/yet/there', '--json');
  assert.is(exitCode, 0, out);
  const { findings } = JSON.parse(out) as { findings: { topic: string; state: string; text: string }[] };
  const topics = ['node', 'typescript', 'tensorflow.js', 'checksums', 'space', 'sync', 'lock'];
  assert.equal(
    findings.map(({ topic }) => topic),
    topics,
  );
  assert.match(findings.find(({ topic }) => topic === 'node')?.text ?? '', process.versions.node);
  assert.equal(readdirSync(path), []);
  writeFileSync(join(path, 'file'), '');
  assert.is((await tidemark(path, 'doctor', 'file')).exitCode, 1);
  dispose();
});

test('init writes a session that runs, and overwrites nothing', async () => {
  const { path, dispose } = temporaryFolder();
  const { exitCode, err } = await tidemark(path, 'init', 'project');
  assert.is(exitCode, 0, err);
  const module = readdirSync(join(path, 'project')).find((name) => name.startsWith('train')) ?? '';
  const text = readFileSync(join(path, 'project', module), 'utf8');
  // The package is not installed there.
  writeFileSync(
    join(path, 'project', module),
    text.replace("'tidemark'", `'${new URL('../../lib/index.ts', import.meta.url).href}'`),
  );
  const run = await tidemark(join(path, 'project'), 'run', module, '--json');
  assert.is(run.exitCode, 0, run.err);
  const losses = [...run.out.matchAll(/"loss":([\d.e-]+)/g)].map(([, loss]) => Number(loss));
  assert.is(losses.filter((_, i) => i > 0).length >= 1999, true);
  assert.ok((losses.at(-1) ?? 9) < 0.5);
  assert.is((await tidemark(join(path, 'project'), 'run', module, '--dry-run')).exitCode, 0);
  const again = await tidemark(path, 'init', 'project');
  assert.equal([again.exitCode, /nothing is overwritten/.test(again.err)], [2, true]);
  dispose();
});

test.run();
