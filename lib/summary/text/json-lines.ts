import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { SummaryValue } from '../../format/event/summary-value.js';
import type { SummarySink } from '../summary-sink.js';
import { plainSummary } from './plain-summary.js';
import { type TextSinkOptions, type TextTarget, textSink } from './text-sink.js';

const OPTIONS: OptionNames<TextSinkOptions> = { location: true, wallClock: true };

/**
 * Writes summaries as lines of JSON, one for each value:
 *
 *     {"type":"start","step":0,"wallTime":1700000000.5}
 *     {"type":"scalar","step":1,"wallTime":1700000000.6,"tag":"loss","value":0.25}
 *
 * `start` says from which step the run goes on: lines before it with a higher step are void. NaN and infinities are
 * strings, for JSON has no numbers for them. Images, sounds and other tensors are named, not written.
 *
 * @param target e.g. `createWriteStream('metrics.jsonl', { flags: 'a' })`
 * @throws TypeError if the target cannot be written to
 */
export function jsonLines(target: TextTarget, options: TextSinkOptions = {}): SummarySink {
  checkOptions('jsonLines(options)', options, OPTIONS);
  return textSink('jsonLines', target, options, () => ({
    start: (step, _attempt, wallTime) => line({ type: 'start', step, wallTime }),
    batch(step, { scalars, values }, wallTime) {
      let lines = '';
      for (const [tag, value] of scalars) lines += line({ type: 'scalar', step, wallTime, tag, value: number(value) });
      for (const value of values) lines += line({ step, wallTime, tag: value.tag, ...plain(value) });
      return lines === '' ? undefined : lines;
    },
  }));
}

function plain(value: SummaryValue): object {
  const { kind, ...what } = plainSummary(value);
  if ('value' in what) return { type: kind, value: number(what.value) };
  if ('buckets' in what) return { type: kind, buckets: what.buckets.map((bucket) => bucket.map(number)) };
  return { type: kind, ...what };
}

function number(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}
