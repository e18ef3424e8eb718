/**
 * Thrown by a marble test whose streams are not as expected. `actual` and `expected` are marble lines, under the names
 * by which test runners show a difference.
 */
export class MarbleMismatchError extends Error {
  readonly code = 'ERR_ASSERTION';

  constructor(
    summary: string,
    readonly actual: string,
    readonly expected: string,
    notes: readonly string[] = [],
  ) {
    super(
      [summary, block('expected', expected), block('actual', actual), ...notes.map((note) => `    ${note}`)].join('\n'),
    );
  }

  override get name(): string {
    return 'MarbleMismatchError';
  }
}

function block(title: string, lines: string): string {
  return `    ${title.padEnd(10)}${lines.replaceAll('\n', `\n${' '.repeat(14)}`)}`;
}
