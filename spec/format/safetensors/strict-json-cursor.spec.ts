import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { StrictJsonCursor } from '../../../lib/format/safetensors/strict-json-cursor.js';

const test = suite('StrictJsonCursor');

const cursor = (text: string): StrictJsonCursor => new StrictJsonCursor(new TextEncoder().encode(text), 'json', 'here');

function accepts(text: string): boolean {
  try {
    const json = cursor(text);
    json.skip();
    json.end();
    return true;
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    return false;
  }
}

test('takes whatever JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (text, indent) => {
      assert.ok(accepts(JSON.stringify(JSON.parse(text), null, indent)));
    }),
  );
});

test('takes nothing that JSON.parse refuses', () => {
  const piece = fc.constantFrom(...'{}[],:"\\/ \n01.-+eEutrnfals'.split(''), 'true', 'null', '"a"', '\u0001', '\ufeff');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      if (accepts(text)) assert.not.throws(() => JSON.parse(text), text);
    }),
    { numRuns: 5000 },
  );
});

test('reads strings as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const quoted = JSON.stringify(text);
      assert.is(cursor(quoted).string(), text);
      const escaped = [...Array(text.length).keys()]
        .map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`)
        .join('');
      assert.is(cursor(`"${escaped}"`).string(), text);
    }),
  );
});

test('reads whole numbers exactly or not at all', () => {
  for (const value of [0, 1, 10, 9007199254740991]) assert.is(cursor(` ${value} `).integer(), value);
  for (const text of ['-1', '-0', '01', '1.0', '1e1', '1.', '+1', '', '9007199254740992', '"1"', '١', 'NaN', '0x1']) {
    assert.throws(
      () => {
        const json = cursor(text);
        json.integer();
        json.end();
      },
      (error: unknown) => error instanceof CorruptDataError,
      text,
    );
  }
});

test('goes 128 deep and no deeper', () => {
  assert.ok(accepts('['.repeat(128) + ']'.repeat(128)));
  assert.not.ok(accepts('['.repeat(129) + ']'.repeat(129)));
  assert.ok(accepts(`[${'[[]],'.repeat(500)}[]]`), 'siblings are not depth');
});

test('says where', () => {
  assert.throws(() => cursor('{"a":1,"a":2}').skip(), 'json: duplicate key "a" (here, character 10)');
});

test.run();
