import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isWellFormed } from '../../lib/format/is-well-formed.js';

const test = suite('isWellFormed');

for (const [text, expected] of [
  ['', true],
  ['model/kernel', true],
  ['déjà vu \uffff\ud7ff\ue000', true],
  ['\u{10000}\u{10ffff}', true],
  ['a\ud83d\ude00b', true],
  ['\ud83d', false],
  ['\ude00', false],
  ['a\ud83d', false],
  ['\ud83db', false],
  ['\ude00\ud83d', false],
  ['\ud83d\ud83d\ude00', false],
  ['\ud83d\ude00\ude00', false],
] as const) {
  test(`${JSON.stringify(text)}: ${expected}`, () => assert.is(isWellFormed(text), expected));
}

test('says so of what UTF-8 gives back as it was, and of nothing else', () => {
  const roundTrip = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));
  const unit = fc.constantFrom('a', 'é', '\ud800', '\udbff', '\udc00', '\udfff', '\ue000', '\u{1f600}');
  fc.assert(fc.property(fc.string({ unit }), (text) => isWellFormed(text) === (roundTrip(text) === text)));
});

test.run();
