import { CodedError } from '../index.js';
import { scrubSecrets } from '../node.js';
import type { Io } from './io.js';
import { placeOf } from './place-of.js';
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

const LONGEST_TEXT = 20_000;
const MOST_LINES = 40;
const LONGEST_STACK = 60;
const MOST_CAUSES = 10;

/**
 * An error as a person reads it, what failed, how to mend it and the code to look up; and the exit code that it means.
 * Its stack and its causes are told to who asked for them.
 */
export function describeError(
  error: unknown,
  { isVerbose = false }: Pick<Io, 'isVerbose'> = {},
): { readonly text: string; readonly exitCode: number } {
  const lines = [`error  ${faultText(error)}`];
  if (error instanceof UsageError) {
    if (error.fix !== undefined) lines.push(`fix    ${printableLines(error.fix)}`);
  } else if (error instanceof CodedError) {
    if (error.hint !== undefined) lines.push(`fix    ${printable(error.hint, 1000)}`);
    lines.push(`       ${error.code}`);
  } else {
    const place = placeOf(error);
    if (place !== undefined) lines.push(`       ${printable(place, 1000)}`);
  }
  if (isVerbose) lines.push(...stacksOf(error));
  return { text: `${lines.join('\n')}\n`, exitCode: exitCodeOf(error) };
}

function stacksOf(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let link = error, depth = 0; link instanceof Error && depth < MOST_CAUSES; link = link.cause, depth++) {
    lines.push(`${depth === 0 ? 'stack' : 'cause'}  ${printableLines(link.stack ?? faultText(link), LONGEST_STACK)}`);
  }
  return lines;
}

/** What an error says, fit to be printed: names out of files may be in it. */
export function faultText(error: unknown): string {
  return printableLines(error instanceof Error ? error.message : String(error));
}

function printableLines(text: string, mostLines = MOST_LINES): string {
  return scrubSecrets(text.slice(0, LONGEST_TEXT))
    .split('\n', mostLines)
    .map((line) => printable(line, 1000))
    .join('\n');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (!(error instanceof CodedError)) return 1;
  if (CHECKPOINT_CODES.has(error.code)) return 3;
  return error.code.startsWith('STORAGE') || error.code === 'STORE_IN_USE' ? 4 : 1;
}
