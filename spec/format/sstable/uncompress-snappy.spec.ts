import fc from 'fast-check';
import snappy from 'snappyjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { uncompressSnappy } from '../../../lib/format/sstable/uncompress-snappy.js';

const test = suite('uncompressSnappy');

function uncompress(hex: string): string {
  return Buffer.from(uncompressSnappy(Buffer.from(hex, 'hex'), 'thing', 'here')).toString('hex');
}

function refuses(hex: string, fault: RegExp): void {
  assert.throws(
    () => uncompress(hex),
    (error: unknown) => error instanceof CorruptDataError && fault.test(error.message),
  );
}

test('reads literals and copies of every kind', () => {
  assert.is(uncompress('00'), '');
  assert.is(uncompress('0308616263'), '616263');
  // Literals whose length is in 1, 2, 3 and 4 bytes.
  const long = 'ab'.repeat(100);
  for (const tag of ['f063', 'f46300', 'f8630000', 'fc63000000']) assert.is(uncompress(`64${tag}${long}`), long);
  // "ab", then four bytes from two back: "abab"; with offsets of 1, 2 and 4 bytes.
  assert.is(uncompress('0604616201' + '02'), '616261626162');
  assert.is(uncompress('060461620e' + '0200'), '616261626162');
  assert.is(uncompress('060461620f' + '02000000'), '616261626162');
});

test('refuses what stops short, runs over or copies from nowhere', () => {
  refuses('', /varint runs past the end/);
  refuses('03', /yields less/);
  refuses('04086162', /ends inside/);
  refuses('0408616263', /yields less/);
  refuses('0208616263', /yields more/);
  refuses('0604616201' + '00', /copies what is not there/);
  refuses('0604616201' + '03', /copies what is not there/);
  refuses('06046162' + '01', /copies what is not there|ends inside/);
  refuses('060461620f' + '020000', /ends inside/);
  // A length of 2^32: snappyjs would run in circles.
  refuses('04fcffffffff61', /ends inside/);
  refuses('04fcfaffffff61', /ends inside/);
});

test('refuses what would be huge, before it allocates', () => {
  for (const hex of ['81808020', 'ffffffff0f', 'ffffffffffffff0f']) {
    assert.throws(
      () => uncompress(hex),
      (error: unknown) => error instanceof UnsupportedDataError,
    );
  }
});

test('reads what snappyjs compressed', () => {
  const text = fc
    .array(fc.constantFrom('model/', 'layer_', 'kernel', 'x', '0'))
    .map((parts) => Buffer.from(parts.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), text), (bytes) => {
      const compressed = snappy.compress(new Uint8Array(bytes));
      assert.equal(uncompressSnappy(compressed, 'thing', 'here'), new Uint8Array(bytes));
    }),
  );
});

test('takes any bytes or refuses them, and nothing else happens', () => {
  const stream = fc.tuple(fc.nat(127), fc.uint8Array({ maxLength: 30 }));
  fc.assert(
    fc.property(stream, ([size, elements]) => {
      try {
        assert.is(uncompressSnappy(Uint8Array.of(size, ...elements), 'thing', 'here').length, size);
      } catch (error) {
        assert.instance(error, CorruptDataError);
      }
    }),
    { numRuns: 5000 },
  );
});

test.run();
