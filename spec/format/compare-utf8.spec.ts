import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareUtf8 } from '../../lib/format/compare-utf8.js';

const test = suite('compareUtf8');

test('agrees with the order of the bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('', 'a', 'b', 'é', '\ud7ff', '\ue000', '\ufffd', '😀', '\u{10ffff}'),
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.is(Math.sign(compareUtf8(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('puts U+1F600 behind U+FFFD, as JavaScript does not', () => {
  assert.ok('😀' < '\ufffd');
  assert.ok(compareUtf8('😀', '\ufffd') > 0);
});

test.run();
