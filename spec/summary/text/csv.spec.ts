import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scalarValue } from '../../../lib/format/event/value/scalar-value.js';
import { textValue } from '../../../lib/format/event/value/text-value.js';
import { csv } from '../../../lib/summary/text/csv.js';
import { summarySinkLaws } from '../../../lib/testing/summary-sink-laws.js';
import { runOf } from '../run-of.js';
import { textTarget } from './text-target.js';

const test = suite('csv');

summarySinkLaws({
  test,
  factory() {
    const target = textTarget();
    return {
      sink: csv(target),
      setFailing: (isFailing) => {
        target.isFailing = isFailing;
      },
    };
  },
});

test('writes a line a scalar under one line of names, and quotes text', () => {
  const target = textTarget();
  const open = csv(target, { wallClock: () => 1500 }).open(runOf());
  open.start(0, 1);
  open.write(1, { scalars: new Map([['loss', 0.5]]), values: [textValue('note', 'left out')] });
  open.start(1, 2);
  open.write(2, { scalars: new Map([['a,"b"\n', Number.NaN]]), values: [scalarValue('two', 2)] });
  open.close();
  assert.is(target.text, 'wall_time,step,tag,value\n1.5,1,loss,0.5\n1.5,2,"a,""b""\n",NaN\n1.5,2,two,2\n');
});

test('leaves the names out of a file that has them', () => {
  const target = textTarget();
  const open = csv(target, { wallClock: () => 0, isHeadless: true }).open(runOf());
  open.start(4, 1);
  open.write(5, { scalars: new Map([['loss', 1]]), values: [] });
  assert.is(target.text, '0,5,loss,1\n');
});

test.run();
