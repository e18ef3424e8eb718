import { CodedError } from '../../../lib/index.js';

/** An error as a person reads it: what failed, how to mend it, and the code to look up. */
export function reportError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [`error  ${message}`];
  if (error instanceof CodedError) {
    if (error.hint !== undefined) lines.push(`fix    ${error.hint}`);
    lines.push(`       ${error.code}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The exit code for an error: 3 if a checkpoint does not fit or cannot be read, 4 if the storage cannot be used, 5 if the
 * loss is not finite, else 1.
 */
export function exitCodeOf(error: unknown): number {
  const chain: unknown[] = [];
  for (let next = error; next instanceof Error && !chain.includes(next); next = next.cause) chain.push(next);
  const codes = chain.map((link) => (link instanceof CodedError ? link.code : ''));
  if (codes.some((code) => CHECKPOINT_CODES.has(code))) return 3;
  if (codes.some((code) => code.startsWith('STORAGE_') || code === 'STORE_IN_USE')) return 4;
  return codes.includes('NAN_LOSS') ? 5 : 1;
}

const CHECKPOINT_CODES: ReadonlySet<string> = new Set([
  'STATE_MISMATCH',
  'NO_VALID_CHECKPOINT',
  'CHECKPOINT_EXISTS',
  'CHECKPOINT_NOT_FOUND',
  'CORRUPT_DATA',
  'TRUNCATED_DATA',
  'UNSUPPORTED_DATA',
]);
