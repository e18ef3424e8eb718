import { CodedError } from '../index.js';
import { printable } from './printable.js';

const CHECKPOINT_CODES: ReadonlySet<string> = new Set([
  'CHECKPOINT_EXISTS',
  'CHECKPOINT_NOT_FOUND',
  'CORRUPT_DATA',
  'NO_VALID_CHECKPOINT',
  'STATE_MISMATCH',
  'TRUNCATED_DATA',
  'UNSUPPORTED_DATA',
]);

/** An error as a person reads it, and the exit code that it means. */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [
    `error  ${message
      .split('\n')
      .map((line) => printable(line, 1000))
      .join('\n')}`,
  ];
  if (!(error instanceof CodedError)) return { text: `${lines[0]}\n`, exitCode: 1 };
  if (error.hint !== undefined) lines.push(`fix    ${error.hint}`);
  lines.push(`       ${error.code}`);
  return { text: `${lines.join('\n')}\n`, exitCode: exitCodeOf(error) };
}

function exitCodeOf({ code }: CodedError): number {
  if (CHECKPOINT_CODES.has(code)) return 3;
  return code.startsWith('STORAGE') ? 4 : 1;
}
