import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { consoleTable } from '../../../lib/summary/text/console-table.js';
import { summarySinkLaws } from '../../../lib/testing/summary-sink-laws.js';
import { runOf } from '../run-of.js';
import { textTarget } from './text-target.js';

const test = suite('consoleTable');

summarySinkLaws({
  test,
  factory() {
    const target = textTarget();
    return {
      sink: consoleTable(target),
      setFailing: (isFailing) => {
        target.isFailing = isFailing;
      },
    };
  },
});

test('writes a row a step, and the names again when there are new ones or after some rows', () => {
  const target = textTarget();
  const open = consoleTable(target, { rowsPerHeader: 2 }).open(runOf());
  const write = (step: number, values: Readonly<Record<string, number>>): void =>
    open.write(step, { scalars: new Map(Object.entries(values)), values: [] });
  write(100, { loss: 0.512345678 });
  write(200, { loss: 1e-9 });
  write(300, { loss: Number.NaN });
  write(400, { 'validation/accuracy': 0.5 });
  assert.equal(target.text.split('\n'), [
    '      step        loss',
    '       100     0.51235',
    '       200        1e-9',
    '      step        loss',
    '       300         NaN',
    '      step        loss  validation/accuracy',
    '       400           -                  0.5',
    '',
  ]);
});

test('shows no control characters, which a terminal obeys', () => {
  const target = textTarget();
  const open = consoleTable(target).open(runOf());
  open.write(1, { scalars: new Map([['\u001b[2J', 1]]), values: [] });
  assert.not.ok(target.text.includes('\u001b'));
});

test('refuses a number of rows that is none', () => {
  assert.throws(() => consoleTable(textTarget(), { rowsPerHeader: 0 }), /^consoleTable\(rowsPerHeader\)/);
});

test.run();
