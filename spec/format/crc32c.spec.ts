import { crc32c as native } from '@node-rs/crc32';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c, maskCrc, maskedCrc32c, unmaskCrc } from '../../lib/format/crc32c.js';

const test = suite('crc32c');

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
// RFC 3720, appendix B.4; "123456789" is the check value of the catalogue of CRC algorithms, CRC-32/ISCSI.
const vectors: readonly (readonly [bytes: Uint8Array, crc: number, masked: number])[] = [
  [new Uint8Array(0), 0, 0xa282ead8],
  [Buffer.from('123456789'), 0xe3069283, 0xc78ab0e5],
  [Buffer.from('foo'), 0xcfc4ae1d, 0xfebe8a61],
  [new Uint8Array(32), 0x8a9136aa, 0x0fd7fffa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43, 0xf909b029],
  [ascending, 0x46dd794e, 0x951f7892],
  [ascending.slice().reverse(), 0x113fdb5c, maskCrc(0x113fdb5c)],
];

test('gives the published values', () => {
  for (const [bytes, crc, masked] of vectors) {
    assert.is(crc32c(bytes), crc);
    assert.is(maskedCrc32c(bytes), masked);
    assert.is(maskCrc(crc), masked);
    assert.is(unmaskCrc(masked), crc);
  }
  // RFC 3720, appendix B.4: an iSCSI SCSI Read (10) Command PDU.
  const pdu = Buffer.from(
    '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
    'hex',
  );
  assert.is(crc32c(pdu), 0xd9963a56);
});

test('agrees with another implementation, however the bytes lie and are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(16), (bytes, cut, offset) => {
      const memory = new Uint8Array(bytes.length + offset);
      memory.set(bytes, offset);
      const view = memory.subarray(offset);
      const expected = native(Buffer.from(bytes));
      assert.is(crc32c(view), expected);
      assert.is(crc32c(view.subarray(cut), crc32c(view.subarray(0, cut))), expected);
    }),
    { numRuns: 500 },
  );
});

test('agrees with another implementation over megabytes', () => {
  const bytes = new Uint8Array(3 * 2 ** 20 + 7);
  for (let i = 0, x = 1; i < bytes.length; i++) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >>> 16;
  assert.is(crc32c(bytes), native(Buffer.from(bytes.buffer)));
  assert.is(crc32c(bytes.subarray(1, -1), 0xdeadbeef), native(Buffer.from(bytes.subarray(1, -1)), 0xdeadbeef));
});

test('masks and unmasks every kind of number', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), (crc) => {
      assert.is(unmaskCrc(maskCrc(crc)), crc);
      assert.is.not(maskCrc(crc), crc);
    }),
  );
});

test.run();
