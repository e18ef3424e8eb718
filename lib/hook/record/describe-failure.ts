import { CodedError } from '../../error/coded-error.js';
import { describeThrown } from '../../error/describe-thrown.js';
import type { RecordedError } from './recorded-event.js';
import { scrubSecrets } from './scrub-secrets.js';

const LONGEST_MESSAGE = 2000;

/** What is written down of something thrown: no stack and no fields, for these may hold anything. */
export function describeFailure(thrown: unknown): RecordedError {
  const message = scrubSecrets(describeThrown(thrown)).slice(0, LONGEST_MESSAGE);
  const name = thrown instanceof Error ? String(thrown.name) : typeof thrown;
  return thrown instanceof CodedError ? { name, message, code: thrown.code } : { name, message };
}
