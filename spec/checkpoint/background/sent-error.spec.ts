import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { receiveError, sendError } from '../../../lib/checkpoint/background/sent-error.js';
import { faultOfAnswer, PROTOCOL_VERSION } from '../../../lib/checkpoint/background/worker-protocol.js';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { CheckpointExistsError } from '../../../lib/error/checkpoint-exists-error.js';
import { CheckpointNotFoundError } from '../../../lib/error/checkpoint-not-found-error.js';
import { CodedError } from '../../../lib/error/coded-error.js';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { NonFiniteStateError } from '../../../lib/error/non-finite-state-error.js';
import { SaveWorkerError } from '../../../lib/error/save-worker-error.js';
import { StorageError, storageFaults } from '../../../lib/error/storage-error.js';
import { TruncatedDataError } from '../../../lib/error/truncated-data-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';

const test = suite('sendError and receiveError');

/** What arrives in another thread: a structured clone. */
const sent = (error: unknown): Error => receiveError(structuredClone(sendError(error)));

const hint = 'look elsewhere';
const ERRORS: readonly Error[] = [
  ...storageFaults.map((fault) => new StorageError(fault, '/run/a', 'ENOSPC', `a fault: ${fault}`, { hint })),
  new StorageError('IO', '/run/a', undefined, 'without a name of the system'),
  new CheckpointExistsError('model.ckpt-3', '/run', { hint }),
  new CheckpointNotFoundError('model.ckpt-3', '/run'),
  new NonFiniteStateError(7, 'model/w'),
  new CorruptDataError('tensor-bundle', 'model.ckpt-3', 'it is odd', { hint }),
  new CorruptDataError('tensor-bundle', 'model.ckpt-3.index', 'checksum mismatch'),
  new TruncatedDataError('safetensors', 'model.ckpt-3', 'it ends early'),
  new UnsupportedDataError('safetensors', 'model/names', 'texts'),
  new AbortedError('the save was given up'),
  new RangeError('f(x): expected 1, received 2'),
  new TypeError('f(x): expected a number, received text'),
];

for (const error of ERRORS) {
  test(`an error arrives as what it was: ${error.name}, ${error.message}`, () => {
    const received = sent(error);
    assert.is(received.constructor, error.constructor);
    assert.is(received.name, error.name);
    assert.is(received.message, error.message);
    assert.equal(
      Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)])),
      Object.fromEntries(Object.entries(error).map(([name, value]) => [name, String(value)])),
    );
    if (error instanceof CodedError) {
      assert.is((received as CodedError).code, error.code);
      assert.is((received as CodedError).hint, error.hint);
    }
  });
}

test('the stack is that of the thread in which it was thrown', () => {
  function somewhereElse(): Error {
    return new CorruptDataError('tensor-bundle', 'a', 'b');
  }
  const error = somewhereElse();
  const lines = (sent(error).stack ?? '').split('\n');
  assert.match(lines[0] ?? '', /^CorruptDataError: /);
  assert.match(lines[1] ?? '', 'somewhereElse');
});

test('what is no error of this library is a failure of the worker, with its name and its words', () => {
  class OddError extends Error {
    override readonly name = 'OddError';
    readonly tool = () => 0;
    readonly nested = { a: 1 };
  }
  for (const [thrown, words] of [
    [new OddError('odd'), 'OddError: odd'],
    ['just text', 'Error: just text'],
    [undefined, 'Error: undefined'],
    [{ toString: () => 'an object' }, 'Error: an object'],
  ] as const) {
    const received = sent(thrown);
    assert.instance(received, SaveWorkerError);
    assert.is((received as SaveWorkerError).code, 'SAVE_WORKER_FAILED');
    assert.match(received.message, words);
  }
});

test('a storage fault that this version does not know is one of the medium', () => {
  const odd = { ...sendError(new StorageError('IO', '/a', undefined, 'x')), fields: { fault: 'MELTED', path: '/a' } };
  assert.is((receiveError(odd) as StorageError).code, 'STORAGE_IO');
});

test('messages that are none of the protocol are told', () => {
  const good = { version: PROTOCOL_VERSION, id: 1, type: 'done', value: 3 };
  assert.is(faultOfAnswer(good), undefined);
  for (const [wrong, fault] of [
    [42, /a number/],
    [null, /a object/],
    [{ ...good, version: 9 }, /version 9 of the protocol/],
    [{ ...good, id: 1.5 }, /without the number/],
    [{ ...good, type: 'gone' }, /of the type gone/],
    [{ ...good, type: 'failed' }, /without an error/],
    [{ ...good, type: 'failed', error: { message: 3 } }, /without an error/],
  ] as const) {
    assert.match(faultOfAnswer(wrong) ?? 'nothing', fault);
  }
});

test.run();
