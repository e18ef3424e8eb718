import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePngs } from '../../../lib/format/event/media/encode-png.js';
import { histogramValue } from '../../../lib/format/event/value/histogram-value.js';
import { imageValue } from '../../../lib/format/event/value/image-value.js';
import { scalarValue } from '../../../lib/format/event/value/scalar-value.js';
import { textValue } from '../../../lib/format/event/value/text-value.js';
import { jsonLines } from '../../../lib/summary/text/json-lines.js';
import { summarySinkLaws } from '../../../lib/testing/summary-sink-laws.js';
import { runOf } from '../run-of.js';
import { scalarsInLines } from './read-lines.js';
import { textTarget } from './text-target.js';

const test = suite('jsonLines');

summarySinkLaws({
  test,
  factory() {
    const target = textTarget();
    return {
      sink: jsonLines(target),
      read: () => scalarsInLines(target.text),
      setFailing: (isFailing) => {
        target.isFailing = isFailing;
      },
    };
  },
});

test('writes a line of JSON for each value', () => {
  const target = textTarget();
  const open = jsonLines(target, { wallClock: () => 1500 }).open(runOf());
  open.start(7, 1);
  open.write(8, {
    scalars: new Map([
      ['loss', 0.5],
      ['bad', Number.NaN],
    ]),
    values: [
      scalarValue('simple', 2, { form: 'simple' }),
      textValue('note', ['a', 'b']),
      histogramValue('h', [1, 2, 3], { bucketCount: 2 }),
      imageValue('image', encodePngs({ shape: [1, 2, 2, 1], data: new Uint8Array(4) })),
    ],
  });
  open.close();
  assert.equal(
    target.text.split('\n').map((line) => line.replace('"step":8,"wallTime":1.5,', '')),
    [
      '{"type":"start","step":7,"wallTime":1.5}',
      '{"type":"scalar","tag":"loss","value":0.5}',
      '{"type":"scalar","tag":"bad","value":"NaN"}',
      '{"tag":"simple","type":"scalar","value":2}',
      '{"tag":"note","type":"text","texts":["a","b"]}',
      '{"tag":"h","type":"histogram","buckets":[[1,2,1],[2,3,2]]}',
      '{"tag":"image","type":"other","plugin":"images","dtype":"string","shape":[3]}',
      '',
    ],
  );
});

test('refuses what cannot be written to', () => {
  assert.throws(() => jsonLines({} as never), /^jsonLines\(target\): expected something with write\(text\)/);
});

test.run();
