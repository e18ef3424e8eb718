import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeChecksums, encodeChecksums } from '../../lib/checkpoint/checksum-list.js';

const test = suite('checksumList');

test('is little-endian, in base64', () => {
  assert.is(encodeChecksums([]), '');
  assert.is(encodeChecksums([0x04030201]), btoa('\x01\x02\x03\x04'));
  assert.is(encodeChecksums([0xffffffff, 0]), '/////wAAAAA=');
});

for (const count of [0, 1, 2047, 2048, 2049, 100_000]) {
  test(`${count} checksums come back as they were`, () => {
    const checksums = Array.from({ length: count }, (_, n) => (n * 2654435761) >>> 0);
    assert.equal(decodeChecksums(encodeChecksums(checksums)), checksums);
  });
}

for (const text of ['A', 'AAAA', 'AAAAAB==', 'AAAAAA', ' AAAAAA==', 'AAAAAA==\n', '*', 'déjà']) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.is(decodeChecksums(text), undefined));
}

test.run();
