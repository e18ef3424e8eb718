// The table in docs/tensorflow-parity.md names only cases and specs that there are.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('tensorflow parity');
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rows = readFileSync(at('../../docs/tensorflow-parity.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| TensorFlow 1 |'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const FILES: Readonly<Record<string, string>> = {
  L: 'lifecycle',
  H: 'hooks',
  S: 'saver',
  P: 'profiler',
  F: 'session-factory',
  I: 'iterator',
  E: 'estimator',
  T: 'timer',
  A: 'async-saver',
  C: 'checkpoint-saver',
  M: 'summaries',
};

test('every row says whether it is the same, bettered or left out', () => {
  assert.ok(rows.length > 120);
  for (const row of rows) {
    assert.is(row.length, 6, row.join('|'));
    assert.ok(['same', 'bettered', 'left out'].includes(row[2] ?? ''), row.join('|'));
  }
});

test('every case and every spec that is named is there', () => {
  const missing: string[] = [];
  for (const row of rows) {
    for (const name of (row[4] ?? '').split(', ')) {
      const [, letter, first, last] = /^([A-Z]) (\d+)(?:–(\d+))?$/.exec(name) ?? [];
      if (letter === undefined) {
        if (!name.startsWith('—') && !/^\d+\)$/.test(name) && !existsSync(at(`../${name}.spec.ts`))) missing.push(name);
        continue;
      }
      const source = readFileSync(at(`./${FILES[letter]}.spec.ts`), 'utf8');
      for (let n = Number(first); n <= Number(last ?? first); n++) {
        // Cases 11 and 12 are one test, made for each of two errors.
        const isThere =
          new RegExp(`(?:case |')${n}\\b`).test(source) || ((n === 11 || n === 12) && source.includes('case ${'));
        if (!isThere) missing.push(`${letter} ${n}`);
      }
    }
  }
  assert.equal(missing, []);
});

test('every case of the specification is on a row', () => {
  const named = new Set<number>();
  for (const row of rows) {
    for (const [, first, last] of (row[4] ?? '').matchAll(/(?<![\w-])(\d+)(?:–(\d+))?/g)) {
      for (let n = Number(first); n <= Number(last ?? first); n++) named.add(n);
    }
  }
  const cases = Array.from({ length: 122 }, (_, i) => i + 1);
  assert.equal(
    cases.filter((n) => !named.has(n)),
    [],
  );
});

test.run();
