import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { SummarySink } from '../summary-sink.js';
import { plainSummary } from './plain-summary.js';
import { type TextSinkOptions, type TextTarget, textSink } from './text-sink.js';

export interface ConsoleTableOptions extends TextSinkOptions {
  /** After how many rows the names are said again. @default 40 */
  readonly rowsPerHeader?: number | undefined;
}

const OPTIONS: OptionNames<ConsoleTableOptions> = { location: true, wallClock: true, rowsPerHeader: true };

const DIGITS = 5;
const LEAST_WIDTH = 10;
const NO_VALUE = '-';

/**
 * Writes scalars as a table for people: a row a step, a column a tag. A new tag begins a new table.
 *
 *           step        loss    accuracy
 *            100     0.51234        0.84
 *
 * @param target e.g. `process.stderr`, or the `destination` of a progress bar
 * @throws TypeError if the target cannot be written to
 * @throws RangeError for a number of rows that is none
 */
export function consoleTable(target: TextTarget, options: ConsoleTableOptions = {}): SummarySink {
  checkOptions('consoleTable(options)', options, OPTIONS);
  const { rowsPerHeader = 40 } = options;
  if (!Number.isSafeInteger(rowsPerHeader) || rowsPerHeader < 1) {
    throw new RangeError(
      `consoleTable(rowsPerHeader): expected a whole number from 1, received ${describeReceived(rowsPerHeader)}`,
    );
  }
  return textSink('consoleTable', target, options, () => {
    const columns: string[] = [];
    let rows = 0;
    return {
      start: () => undefined,
      batch(step, { scalars, values }) {
        const row = new Map(scalars);
        for (const value of values) {
          const plain = plainSummary(value);
          if (plain.kind === 'scalar') row.set(value.tag, plain.value);
        }
        if (row.size === 0) return undefined;
        const added = [...row.keys()].filter((tag) => !columns.includes(tag));
        columns.push(...added);
        const header = added.length > 0 || rows % rowsPerHeader === 0 ? line(['step', ...columns], columns) : '';
        rows = added.length > 0 ? 1 : rows + 1;
        return header + line([String(step), ...columns.map((tag) => cell(row.get(tag)))], columns);
      },
    };
  });
}

function cell(value: number | undefined): string {
  return value === undefined ? NO_VALUE : String(Number(value.toPrecision(DIGITS)));
}

function line(cells: readonly string[], columns: readonly string[]): string {
  const padded = cells.map((text, i) => printable(text).padStart(Math.max(LEAST_WIDTH, columns[i - 1]?.length ?? 0)));
  return `${padded.join('  ')}\n`;
}

/** A tag may hold anything, also what a terminal obeys. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
