import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { UnknownMetricError } from '../../error/unknown-metric-error.js';
import type { Checkpoint } from '../checkpoint.js';
import type { Retention } from './retention.js';

export interface KeepBestOptions {
  /** Whether lower or higher values are better. */
  readonly mode: 'min' | 'max';
  /**
   * Whether checkpoints may have metrics without this one for now: it is measured more rarely than saved. Otherwise the
   * name is taken for a mistake as soon as a checkpoint has metrics.
   *
   * @default false
   */
  readonly mayBeMissing?: boolean | undefined;
}

const OPTIONS: OptionNames<KeepBestOptions> = { mode: true, mayBeMissing: true };

const MODES: readonly unknown[] = ['min', 'max'];

/**
 * Keeps the `count` best checkpoints by a metric; of equal ones the older.
 *
 *     saved                                   0   10   20   30   40
 *     loss                                      0.9  0.4  NaN  0.6
 *     keepBest('loss', 2, { mode: 'min' })             20        40
 *
 * A checkpoint without the metric, or with NaN, is never among the best.
 *
 * @param metric a number that steps return, e.g. `loss`, or `<source>/<name>` of what a hook measured
 * @param count a whole number from 1
 * @throws TypeError, RangeError for wrong arguments
 * @throws UnknownMetricError (when applied) if checkpoints have metrics, but none has this one
 */
export function keepBest(metric: string, count: number, options: KeepBestOptions): Retention {
  checkOptions('keepBest(options)', options, OPTIONS);
  const { mode, mayBeMissing = false } = options;
  if (typeof metric !== 'string' || metric === '') {
    throw new TypeError(
      `keepBest(metric): expected a name, received ${metric === '' ? 'an empty one' : typeof metric}`,
    );
  }
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`keepBest(count): expected a whole number from 1, received ${describeReceived(count)}`);
  }
  if (!MODES.includes(mode))
    throw new RangeError(`keepBest(mode): expected 'min' or 'max', received ${describeReceived(mode)}`);
  const sign = mode === 'min' ? 1 : -1;

  return {
    name: `keepBest(${metric}, ${count})`,
    reasons(checkpoints) {
      if (!mayBeMissing) mustKnow(metric, checkpoints);
      const metricAt = (index: number): number => checkpoints[index]?.metrics.get(metric) ?? Number.NaN;
      const ranked = [...checkpoints.keys()]
        .filter((index) => !Number.isNaN(metricAt(index)))
        .sort((a, b) => sign * compare(metricAt(a), metricAt(b)) || a - b)
        .slice(0, count);
      const rankOf = new Map(ranked.map((index, rank) => [index, rank + 1]));
      return checkpoints.map((_, index) => {
        const rank = rankOf.get(index);
        return rank === undefined ? undefined : `number ${rank} of the best ${count} by ${metric} (${metricAt(index)})`;
      });
    },
  };
}

/** Not by difference: that of two infinities is NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function mustKnow(metric: string, checkpoints: readonly Checkpoint[]): void {
  const known = new Set(checkpoints.flatMap(({ metrics }) => [...metrics.keys()]));
  if (known.size > 0 && !known.has(metric)) throw new UnknownMetricError(metric, [...known].sort());
}
