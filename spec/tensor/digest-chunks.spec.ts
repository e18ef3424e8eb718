import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestChunks } from '../../lib/tensor/digest-chunks.js';
import { int64Scalar, makeStringTensor } from '../../lib/tensor/make-tensor.js';
import type { Tensor } from '../../lib/tensor/tensor.js';

const test = suite('digestChunks');

function hex(tensor: Tensor): string {
  return Array.from(digestChunks(tensor), (chunk) => Buffer.from(chunk).toString('hex')).join('');
}

test('gives the elements as they are', () => {
  assert.is(hex(int64Scalar(-2)), 'feffffffffffffff');
});

test('gives the length of each string before it', () => {
  assert.is(hex(makeStringTensor([2], ['', 'abc'])), '0000000000000000' + '0300000000000000' + '616263');
  assert.is(hex(makeStringTensor([0], [])), '');
});

test('tells strings apart that are the same when joined', () => {
  assert.is.not(hex(makeStringTensor([2], ['ab', 'c'])), hex(makeStringTensor([2], ['a', 'bc'])));
});

test.run();
