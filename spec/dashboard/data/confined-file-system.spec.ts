import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { confinedFileSystem } from '../../../lib/dashboard/data/confined-file-system.js';

const test = suite('confinedFileSystem');
const [INSIDE, OUTSIDE] = ['what is inside', 'what is not'];

function folders(): { readonly root: string; readonly outside: string; remove(): void } {
  const all = mkdtempSync(join(tmpdir(), 'tidemark-confined-'));
  const [root, outside] = [join(all, 'root'), join(all, 'root-outside')];
  for (const [folder, text] of [
    [root, INSIDE],
    [outside, OUTSIDE],
  ] as const) {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub', 'file'), text);
  }
  return { root, outside, remove: () => rmSync(all, { recursive: true, force: true }) };
}

function textOf(fs: ReturnType<typeof confinedFileSystem>, path: string): string {
  const file = fs.openRead(path);
  try {
    const bytes = new Uint8Array(100);
    return Buffer.from(bytes.subarray(0, fs.read(file, bytes, 0))).toString();
  } finally {
    fs.close(file);
  }
}

test('follows links that stay inside, and no other, also where a name begins as the root', () => {
  const { root, outside, remove } = folders();
  symlinkSync(join(root, 'sub'), join(root, 'in'));
  symlinkSync(join(outside, 'sub'), join(root, 'out'));
  symlinkSync(join(outside, 'sub', 'file'), join(root, 'sub', 'out'));
  const fs = confinedFileSystem(root);
  assert.is(textOf(fs, join(root, 'in', 'file')), INSIDE);
  for (const path of [
    join(root, 'out', 'file'),
    join(root, 'sub', 'out'),
    join(outside, 'sub', 'file'),
    `${root}/../root-outside/sub/file`,
  ]) {
    assert.throws(() => fs.openRead(path), /EACCES/, path);
    assert.is(fs.stat(path), undefined);
  }
  assert.throws(() => fs.readdir(outside), /EACCES/);
  remove();
});

test('writes nothing', () => {
  const { root, remove } = folders();
  const fs = confinedFileSystem(root);
  assert.throws(() => fs.openNew(join(root, 'new')), /EROFS/);
  assert.throws(() => fs.unlink(join(root, 'sub', 'file')), /EROFS/);
  assert.throws(() => fs.rename(join(root, 'sub'), join(root, 'x')), /EROFS/);
  assert.throws(() => fs.mkdir(join(root, 'x')), /EROFS/);
  assert.is(readFileSync(join(root, 'sub', 'file'), 'utf8'), INSIDE);
  remove();
});

test('a link that is swapped all the time leads outside at no time', async () => {
  const { root, outside, remove } = folders();
  const link = join(root, 'swapped');
  symlinkSync(join(root, 'sub'), link);
  const swapper = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('fs'); const [, link, ...targets] = process.argv;
       for (let i = 0; ; i++) { fs.symlinkSync(targets[i % 2] + '/sub', link + '.new'); fs.renameSync(link + '.new', link); if (i === 10) console.log('go'); }`,
      link,
      outside,
      root,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise((resolve) => swapper.stdout?.once('data', resolve));
  const fs = confinedFileSystem(root);
  const seen = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    let text: string;
    try {
      text = textOf(fs, join(link, 'file'));
    } catch (error) {
      text = String((error as NodeJS.ErrnoException).code);
    }
    seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  swapper.kill('SIGKILL');
  const told = JSON.stringify([...seen]);
  assert.is(seen.get(OUTSIDE), undefined, told);
  assert.ok((seen.get(INSIDE) ?? 0) > 0 && (seen.get('EACCES') ?? 0) > 0, `both ways were met: ${told}`);
  remove();
});

test.run();
