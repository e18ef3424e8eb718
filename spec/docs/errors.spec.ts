// docs/errors.md has a row for each code that an error of the library can have, and for no other.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { saveWorkerFaults } from '../../lib/error/save-worker-error.js';
import { storageFaults } from '../../lib/error/storage-error.js';

const test = suite('docs/errors.md');
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  STORAGE_: storageFaults,
  SAVE_WORKER_: saveWorkerFaults,
};

/** The codes in the sources of `lib/error`, with the fields of their classes. */
const codes = new Map<string, readonly string[]>();
for (const name of readdirSync(at('../../lib/error'))) {
  const source = readFileSync(at(`../../lib/error/${name}`), 'utf8');
  const fields = [...source.matchAll(/^ {4}readonly (\w+):/gm), ...source.matchAll(/\(readonly (\w+):/g)].map(
    ([, field]) => `${field}`,
  );
  for (const [, code] of source.matchAll(/readonly code(?:: string)? = '(\w+)'/g)) codes.set(`${code}`, fields);
  for (const [, family] of source.matchAll(/readonly code: `(\w+)\$\{/g)) {
    for (const fault of FAMILIES[`${family}`] ?? []) codes.set(`${family}${fault}`, []);
  }
}

const rows = new Map(
  readFileSync(at('../../docs/errors.md'), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^`[A-Z_]+`$/.test(cells[1] ?? ''))
    .map((cells) => [(cells[1] ?? '').slice(1, -1), cells] as const),
);

test('every code has a row, and every row is of a code', () => {
  assert.ok(codes.size > 35, `${codes.size} codes`);
  assert.equal(
    [...codes.keys()].filter((code) => !rows.has(code)),
    [],
  );
  assert.equal(
    [...rows.keys()].filter((code) => !codes.has(code)),
    [],
  );
});

for (const [code, fields] of codes) {
  test(`${code}: when, fields, what to do`, () => {
    const [, , when = '', told = '', remedy = ''] = rows.get(code) ?? [];
    assert.ok(when.length > 10 && remedy.length > 5, rows.get(code)?.join('|'));
    for (const field of fields) {
      if (told !== 'as above')
        assert.ok(told.includes(`\`${field}\``), `${code} has the field ${field}, which is not told`);
    }
  });
}

test.run();
