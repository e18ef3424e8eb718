// The rules of the house: which room may import which, and what every spec must do.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const lib = join(root, 'lib');

// Rooms by row: a room imports from itself and from the rows before its own.
const ROWS: readonly (readonly string[])[] = [
  ['error', 'tensor', 'log'],
  ['session', 'format', 'store'],
  ['trigger', 'checkpoint', 'summary'],
  ['hook'],
  ['tfjs', 'cluster', 'testing'],
  ['index.ts', 'node.ts'],
  ['dashboard'],
  ['cli'],
];
// What these import of the house are its entries alone.
const USERS_OF_ENTRIES: ReadonlySet<string> = new Set(['dashboard', 'cli']);
const ENTRIES: ReadonlySet<string> = new Set([
  'index.ts',
  'node.ts',
  'tfjs/index.ts',
  'testing/index.ts',
  'format/index.ts',
  'dashboard/index.ts',
]);
// Packages that a room may import, besides Node's own modules where it may have those.
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  error: [],
  tensor: [],
  log: ['pino'],
  format: ['snappyjs', 'fast-png'],
  tfjs: ['rxjs', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
  dashboard: ['rxjs', 'preact', '@preact/signals', 'uplot'],
  cli: ['rxjs', 'commander', 'pino'],
};
const ORDINARY = ['rxjs'];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const files = listFiles(lib, '.ts').filter((file) => !file.endsWith('.d.ts'));
const imports = files.flatMap((file) => importsOf(file));
const test = suite('architecture');

test('rooms import only themselves and rooms above them', () => {
  const wrong = imports.filter(({ specifier }) => specifier.startsWith('.')).filter((imported) => !isAllowed(imported));
  assert.equal(wrong.map(describe), []);
});

test('rooms import only the packages that are theirs', () => {
  const wrong = imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .filter(({ file, specifier }) => {
      const name = specifier.startsWith('@')
        ? specifier.split('/').slice(0, 2).join('/')
        : (specifier.split('/')[0] ?? '');
      return !(PACKAGES[roomOf(file)] ?? ORDINARY).includes(name);
    });
  assert.equal(wrong.map(describe), []);
});

test('formats know no file, no clock, no stream and nothing of Node', () => {
  const wrong = imports.filter(({ file, specifier }) => roomOf(file) === 'format' && /^(node:|rxjs)/.test(specifier));
  assert.equal(wrong.map(describe), []);
});

test('what the core entry reaches is nothing of Node', () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { specifier, isTypeOnly } of importsOf(file)) {
      if (specifier.startsWith('.') && !isTypeOnly) visit(targetOf(file, specifier));
    }
  };
  visit(join(lib, 'index.ts'));
  assert.ok(reached.size > 30, 'the entry was walked');
  const wrong = [...reached]
    .flatMap(importsOf)
    .filter(({ specifier, isTypeOnly }) => specifier.startsWith('node:') && !isTypeOnly);
  assert.equal(wrong.map(describe), []);
});

test('only entries are barrels, and they re-export by name', () => {
  const wrong = files.filter((file) => /^export \* /m.test(readFileSync(file, 'utf8')));
  assert.equal(
    wrong.map((file) => relative(root, file)),
    [],
  );
});

test('no folder or file is named after nothing', () => {
  const wrong = files.filter((file) =>
    /(^|[/-])(utils?|helpers?|common|misc|types|constants)(\.ts$|\/)/.test(relative(lib, file)),
  );
  assert.equal(
    wrong.map((file) => relative(root, file)),
    [],
  );
});

test('no spec forgets to run', () => {
  const specs = listFiles(join(root, 'spec'), '.spec.ts');
  assert.ok(specs.length > 10, 'specs were found');
  const idle = specs.filter((file) => !/^\s*\w+\.run\(\);$/m.test(readFileSync(file, 'utf8')));
  assert.equal(
    idle.map((file) => relative(root, file)),
    [],
  );
});

test('no spec says only', () => {
  const wrong = listFiles(join(root, 'spec'), '.spec.ts').filter((file) =>
    /^\s*\w+\.only\(/m.test(readFileSync(file, 'utf8')),
  );
  assert.equal(
    wrong.map((file) => relative(root, file)),
    [],
  );
});

test.run();

function isAllowed({ file, specifier }: Import): boolean {
  const target = relative(lib, targetOf(file, specifier)).split(sep).join('/');
  const from = roomOf(file);
  const to = roomOf(join(lib, target));
  if (from === to) return true;
  if (USERS_OF_ENTRIES.has(from)) return ENTRIES.has(target);
  const row = (room: string): number => ROWS.findIndex((rooms) => rooms.includes(room));
  return row(to) >= 0 && row(to) < row(from);
}

function roomOf(file: string): string {
  return relative(lib, file).split(sep)[0] ?? '';
}

function targetOf(file: string, specifier: string): string {
  return resolve(dirname(file), specifier.replace(/\.js$/, '.ts'));
}

function importsOf(file: string): readonly Import[] {
  const source = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    // Texts that hold source, such as the starter of a project.
    .replace(/`[^`]*`/g, '``')
    .replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const [, kind, specifier] of source.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]/gm,
  )) {
    found.push({ file, specifier: specifier ?? '', isTypeOnly: kind !== undefined });
  }
  for (const [, specifier] of source.matchAll(/(?:^\s*import\s+|\bimport\()['"]([^'"]+)['"]/gm)) {
    found.push({ file, specifier: specifier ?? '', isTypeOnly: false });
  }
  return found;
}

function listFiles(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();
}

function describe({ file, specifier }: Import): string {
  return `${relative(root, file)} imports ${specifier}`;
}
