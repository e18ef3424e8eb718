// Every command of the installed package, run in the working folder, where `core.mjs` has left a run. What comes out is
// checked; commands that are not known here fail the check.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BIN = join('node_modules', '.bin', 'tidemark');
const done = new Set();

/** Runs a command and gives what it printed on standard output. */
function tidemark(args, { code = 0, says, prints } = {}) {
  const { status, stdout, stderr } = spawnSync(BIN, args, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  const told = `tidemark ${args.join(' ')}\n${stdout}${stderr}`;
  assert.equal(status, code, told);
  if (says !== undefined) assert.match(stderr, says, told);
  if (prints !== undefined) assert.match(stdout, prints, told);
  if (code === 0) done.add(args[0]);
  return stdout;
}

const lines = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

assert.equal(tidemark(['verify', 'run']).trimEnd().split('\n').at(-1), '3');
tidemark(['inspect', 'run/model.ckpt-3'], { prints: /weights\/w +float32 +2 +8 +0 +6 +3 +[0-9a-f]{8} +good/ });

tidemark(['demo', '--name', 'a', '--steps', '500'], {
  says: /^tidemark \d+\.\d+\.\d+ {2}spiral demo · seed 7 · run a\n[\s\S]* {2}saved {6}step 500 \(/,
});
const events = lines(tidemark(['demo', '--name', 'b', '--steps', '500', '--json']));
assert.deepEqual([events[0].kind, events.at(-1).kind, events.at(-1).step], ['begin', 'finished', 500]);
tidemark(['demo', '--dry-run'], { says: /the same, bit for bit/ });
tidemark(['resume', 'a', '--steps', '700'], { says: /resume {5}from step 500 \(model\.ckpt-500\)/ });
// Stopped and gone on, or at once: the same.
tidemark(['demo', '--name', 'whole', '--steps', '700']);
tidemark(['diff', 'runs/a/model.ckpt-700', 'runs/whole/model.ckpt-700'], { prints: /20 tensors and the rest: all equal/ });
const hash = tidemark(['hash', 'runs/a/model.ckpt-700']);
assert.match(hash, /^[0-9a-f]{64}\n$/);
tidemark(['convert', 'runs/a/model.ckpt-700', 'out/a', '--to', 'safetensors'], { says: /the same bit for bit/ });
assert.equal(tidemark(['hash', 'out/a']), hash);
assert.equal(tidemark(['hash', 'out/a.safetensors']), hash);

tidemark(['init', 'mine', '--name', 'train.mjs'], { says: /wrote {2}mine\/train\.mjs/ });
tidemark(['run', 'mine/train.mjs', '--dry-run'], { says: /the same, bit for bit/ });
tidemark(['run', 'mine/train.mjs', '--explain', '--set', 'seed=3'], { prints: /^seed +3 +--set$/m });
tidemark(['run', 'mine/train.mjs', '--name', 'line', '--set', 'learningRate=0.1'], { says: /saved {6}step 1000/ });
tidemark(['run', 'mine/train.mjs', '--set', 'learningrate=1'], { code: 2, says: /did you mean "learningRate"\?/ });
tidemark(['run', 'nowhere.mjs'], { code: 2, says: /^error {2}nowhere\.mjs: no such file/ });

tidemark(['ls'], { prints: /^RUN +STATE +STEP +LOSS +CKPT +AGE\n[\s\S]*^line +finished +1000/m });
assert.deepEqual(lines(tidemark(['ls', '--json'])).map(({ name }) => name).sort(), ['a', 'b', 'line', 'whole']);
tidemark(['show', 'a'], { prints: /^state +finished[\s\S]*^seed +7$/m });
tidemark(['timeline', 'a', '--from', '498', '--to', '500'], { prints: /^steps .*\n[\s\S]*^saves /m });
tidemark(['tail', 'a', '-n', '3'], { prints: /finished/ });
tidemark(['export', 'a', '--html', '-o', 'a.html'], { prints: /^a\.html\n$/ });
assert.match(readFileSync('a.html', 'utf8'), /id="tidemark-data"/);
tidemark(['prune', 'a', '--keep-last', '1', '--dry-run'], { prints: /delete[\s\S]*model\.ckpt-700 +keep/ });
tidemark(['prune', 'a', '--keep-last', '1']);
assert.deepEqual(readdirSync('runs/a').filter((name) => name.endsWith('.index')), ['model.ckpt-700.index']);
tidemark(['doctor'], { prints: /^✔ node +\d+\.\d+\.\d+ on / });
tidemark(['rm', 'b'], { says: /deleted/ });
assert.ok(!existsSync('runs/b'));
tidemark(['shwo', 'a'], { code: 2, says: /did you mean show\?/ });

const served = spawn(BIN, ['dashboard', '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
const { url } = await new Promise((resolve) => served.stdout.once('data', (chunk) => resolve(JSON.parse(chunk))));
assert.match(await (await fetch(url)).text(), /<div id="app">/);
assert.ok((await (await fetch(`${url}api/runs`)).json()).runs.length >= 3);
served.kill('SIGINT');
assert.equal(await new Promise((resolve) => served.once('close', resolve)), 0);
done.add('dashboard');

const known = [...tidemark(['--help']).matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)].map(([, name]) => name);
for (const name of known) if (name !== 'help') assert.ok(done.has(name), `${name} was not run`);
console.log(`the packed commands work: ${known.filter((name) => name !== 'help').join(', ')}`);
