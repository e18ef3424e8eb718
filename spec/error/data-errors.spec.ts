import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../lib/error/coded-error.js';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../lib/error/truncated-data-error.js';
import { UnsupportedDataError } from '../../lib/error/unsupported-data-error.js';

const test = suite('errors of data');

test('carry a stable code, a name, and what, where and why as fields and text', () => {
  for (const [ErrorType, code] of [
    [CorruptDataError, 'CORRUPT_DATA'],
    [TruncatedDataError, 'TRUNCATED_DATA'],
    [UnsupportedDataError, 'UNSUPPORTED_DATA'],
  ] as const) {
    const cause = new Error('below');
    const error = new ErrorType('safetensors', 'm, tensor "a"', 'wrong size', { cause, hint: 'Save it again.' });
    assert.instance(error, CodedError);
    assert.instance(error, Error);
    assert.is(error.code, code);
    assert.is(error.name, ErrorType.name);
    assert.equal([error.format, error.where, error.fault], ['safetensors', 'm, tensor "a"', 'wrong size']);
    assert.is(error.message, 'safetensors: wrong size (m, tensor "a")');
    assert.is(error.cause, cause);
    assert.is(error.hint, 'Save it again.');
    assert.ok(error.stack?.startsWith('Error') || error.stack?.startsWith(ErrorType.name));
  }
});

test('have no hint and no cause when none was given', () => {
  const error = new CorruptDataError('f', 'w', 'x');
  assert.is(error.hint, undefined);
  assert.not('cause' in error);
});

test('let a caller handle a cut file as a corrupt one', () => {
  assert.instance(new TruncatedDataError('f', 'w', 'x'), CorruptDataError);
  assert.not(new UnsupportedDataError('f', 'w', 'x') instanceof CorruptDataError);
});

test.run();
