// What the README shows is what compiles, and what it links to is there.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const test = suite('readme');

test('shows the twenty lines that compile', () => {
  const source = readFileSync(`${root}docs/examples/readme/twenty-lines.ts`, 'utf8');
  const lines = /\/\/ #region twenty lines\n([\s\S]*?)\/\/ #endregion/.exec(source)?.[1];
  assert.ok(lines !== undefined && lines.length > 500);
  assert.ok(readme.includes(lines.trim()), 'README.md differs from docs/examples/readme/twenty-lines.ts');
});

test('links to pages that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  assert.ok(links.length > 5);
  assert.equal(
    links.filter((link) => !existsSync(`${root}${link}`)),
    [],
  );
});

test('names commands that package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
  for (const script of ['start', 'test', 'build', 'bench']) assert.type(scripts[script], 'string', script);
});

test.run();
