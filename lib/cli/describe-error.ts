import { CodedError } from '../index.js';
import { printable } from './printable.js';
import { UsageError } from './usage-error.js';

const CHECKPOINT_CODES: ReadonlySet<string> = new Set([
  'CHECKPOINT_EXISTS',
  'CHECKPOINT_NOT_FOUND',
  'CORRUPT_DATA',
  'NO_VALID_CHECKPOINT',
  'STATE_MISMATCH',
  'TRUNCATED_DATA',
  'UNSUPPORTED_DATA',
]);

/** An error as a person reads it, what failed, how to mend it and the code to look up; and the exit code that it means. */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: number } {
  const lines = [`error  ${faultText(error)}`];
  if (error instanceof UsageError) {
    if (error.fix !== undefined) lines.push(`fix    ${printableLines(error.fix)}`);
  } else if (error instanceof CodedError) {
    if (error.hint !== undefined) lines.push(`fix    ${printable(error.hint, 1000)}`);
    lines.push(`       ${error.code}`);
  }
  return { text: `${lines.join('\n')}\n`, exitCode: exitCodeOf(error) };
}

/** What an error says, fit to be printed: names out of files may be in it. */
export function faultText(error: unknown): string {
  return printableLines(error instanceof Error ? error.message : String(error));
}

function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 1000))
    .join('\n');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (!(error instanceof CodedError)) return 1;
  if (CHECKPOINT_CODES.has(error.code)) return 3;
  return error.code.startsWith('STORAGE') ? 4 : 1;
}
