import { AbortedError } from '../../error/aborted-error.js';
import { CheckpointExistsError } from '../../error/checkpoint-exists-error.js';
import { CheckpointNotFoundError } from '../../error/checkpoint-not-found-error.js';
import { CodedError, type CodedErrorOptions } from '../../error/coded-error.js';
import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { NonFiniteStateError } from '../../error/non-finite-state-error.js';
import { SaveWorkerError } from '../../error/save-worker-error.js';
import { StorageError, storageFaults } from '../../error/storage-error.js';
import { TruncatedDataError } from '../../error/truncated-data-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { SentError } from './worker-protocol.js';

/** Packs an error, that of a user too, for its way to another thread. */
export function sendError(error: unknown): SentError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: String(error), stack: undefined, hint: undefined, fields: {} };
  }
  const fields: Record<string, string | number | undefined> = {};
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  const hint = error instanceof CodedError ? error.hint : undefined;
  return { name: error.name, message: error.message, stack: error.stack, hint, fields };
}

/**
 * Makes an error again out of what was sent: of the class that it had, where a caller may want to tell it from others,
 * else a SaveWorkerError. Its stack is that of the other thread.
 */
export function receiveError(sent: SentError): Error {
  const error = revive(sent) ?? new SaveWorkerError('FAILED', `the save worker failed: ${sent.name}: ${sent.message}`);
  const frames = sent.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  if (frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n');
  return error;
}

function revive({ name, message, hint, fields }: SentError): Error | undefined {
  const text = (field: string): string => String(fields[field] ?? '');
  const options: CodedErrorOptions = { hint };
  switch (name) {
    case 'StorageError': {
      const fault = storageFaults.find((known) => known === fields['fault']) ?? 'IO';
      const errno = fields['errno'] === undefined ? undefined : text('errno');
      return new StorageError(fault, text('path'), errno, message, options);
    }
    case 'CheckpointExistsError':
      return new CheckpointExistsError(text('prefix'), text('location'), options);
    case 'CheckpointNotFoundError':
      return new CheckpointNotFoundError(text('prefix'), text('location'), options);
    case 'NonFiniteStateError':
      return new NonFiniteStateError(Number(fields['globalStep']), text('tensor'));
    case 'CorruptDataError':
      return new CorruptDataError(text('format'), text('where'), text('fault'), options);
    case 'TruncatedDataError':
      return new TruncatedDataError(text('format'), text('where'), text('fault'), options);
    case 'UnsupportedDataError':
      return new UnsupportedDataError(text('format'), text('where'), text('fault'), options);
    case 'AbortedError':
      return new AbortedError(message, options);
    case 'RangeError':
      return new RangeError(message);
    case 'TypeError':
      return new TypeError(message);
    default:
      return undefined;
  }
}
