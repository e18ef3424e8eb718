import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSliceKey } from '../../../../lib/format/tensor-bundle/slice/slice-key.js';
import { sliceText } from '../../../../lib/format/tensor-bundle/slice/tensor-slice.js';

const test = suite('decodeSliceKey');

function decode(hex: string): string | undefined {
  const key = decodeSliceKey(Buffer.from(hex, 'hex'));
  return key && `${Buffer.from(key.name).toString('latin1')} ${sliceText(key.slice)}`;
}

test('reads the key of the page', () => {
  assert.is(decode('007700010102' + '8082' + '807f'), 'w 0,2:-');
});

test('reads numbers of every length', () => {
  for (const [encoded, value] of [
    ['80', 0],
    ['bf', 63],
    ['c040', 64],
    ['c0c8', 200],
    ['dfff', 8191],
    ['e02000', 8192],
    ['e10d88', 69000],
    ['f880000000', 2 ** 31],
    ['fd0000000000', 2 ** 40],
  ] as const) {
    assert.is(decode(`00770001${'0101'}${encoded}81`), `w ${value},1`, encoded);
  }
  for (const [encoded, value] of [
    ['40', -64],
    ['3fbf', -65],
  ] as const) {
    assert.is(decode(`00770001${'0101'}${encoded}81`), `w ${value},1`, encoded);
  }
  // Longer ones are no places in a tensor.
  assert.is(decode('00770001' + '0101' + 'ff8080000000000000' + '81'), undefined);
});

test('reads names with zero bytes and ff, and scalars', () => {
  assert.is(decode('00' + '6100ff62ff00' + '0001' + '00'), 'a\0b\xff ');
});

test('refuses what is no key of a slice, or would be a second one of the same slice', () => {
  for (const hex of [
    '',
    '77',
    '00',
    '0077',
    '007700',
    '00770001',
    '00770001' + '0101' + '80',
    '00770001' + '0101' + '8082' + '00',
    '00770001' + '0100',
    '00770001' + '020001' + '8082',
    '00770002' + '0101' + '8082',
    '0077ff01' + '0001' + '0101' + '8082',
    // 0 in two bytes.
    '00770001' + '0101' + 'c000' + '82',
    '00770001' + '0101' + 'c0',
  ]) {
    assert.is(decode(hex), undefined, hex);
  }
});

test.run();
