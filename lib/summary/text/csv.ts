import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { SummarySink } from '../summary-sink.js';
import { plainSummary } from './plain-summary.js';
import { type TextSinkOptions, type TextTarget, textSink } from './text-sink.js';

export interface CsvOptions extends TextSinkOptions {
  /** Leaves the line of names out, for a file that has one already. @default false */
  readonly isHeadless?: boolean | undefined;
}

const OPTIONS: OptionNames<CsvOptions> = { location: true, wallClock: true, isHeadless: true };

const HEADER = 'wall_time,step,tag,value\n';

/**
 * Writes scalars as comma-separated values, a line each, so that new tags need no new columns. Other values are left
 * out. Text is quoted as RFC 4180 has it.
 *
 *     wall_time,step,tag,value
 *     1700000000.5,100,loss,0.25
 *
 * @throws TypeError if the target cannot be written to
 */
export function csv(target: TextTarget, options: CsvOptions = {}): SummarySink {
  checkOptions('csv(options)', options, OPTIONS);
  const { isHeadless = false } = options;
  return textSink('csv', target, options, () => ({
    start: (_step, attempt) => (attempt === 1 && !isHeadless ? HEADER : undefined),
    batch(step, { scalars, values }, wallTime) {
      const all = [...scalars];
      for (const value of values) {
        const plain = plainSummary(value);
        if (plain.kind === 'scalar') all.push([value.tag, plain.value]);
      }
      if (all.length === 0) return undefined;
      return all.map(([tag, value]) => `${wallTime},${step},${quote(tag)},${value}\n`).join('');
    },
  }));
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
