import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { expectWholeNumber } from '../../trigger/expect-whole-number.js';
import { asSchedule, type MetricRateSchedule, type RateSchedule } from './rate-schedule.js';

export interface PlateauRateOptions {
  /** The rate before anything is lowered. */
  readonly rate: RateSchedule | number;
  /** Whether lower or higher values are better. */
  readonly mode: 'min' | 'max';
  /** What the rate is multiplied by; above 0 and under 1. @default 0.1 */
  readonly factor?: number | undefined;
  /** How many values in a row may come without an improvement; the next one lowers the rate. @default 10 */
  readonly patience?: number | undefined;
  /** How much better than the best a value must be to count. @default 0 */
  readonly minDelta?: number | undefined;
  /** Values after a lowering that do not count against patience. @default 0 */
  readonly cooldown?: number | undefined;
  /** The rate is lowered no further. @default 0 */
  readonly minRate?: number | undefined;
}

const OPTIONS: OptionNames<PlateauRateOptions> = {
  rate: true,
  mode: true,
  factor: true,
  patience: true,
  minDelta: true,
  cooldown: true,
  minRate: true,
};

/** What a plateau knows of the values so far. */
export interface PlateauState {
  /** NaN before there is one. */
  readonly best: number;
  readonly waited: number;
  readonly cooling: number;
  /** How often the rate was lowered. */
  readonly lowered: number;
}

/**
 * Lowers the rate when a metric has not improved for a while.
 *
 * @param metric a number that steps return, or `<source>/<name>` of what an earlier hook measures
 * @throws RangeError for wrong options
 */
export function plateauRate<const K extends string>(
  metric: K,
  options: PlateauRateOptions,
): MetricRateSchedule<PlateauState> & { readonly metric: K } {
  checkOptions('plateauRate(options)', options, OPTIONS);
  const { mode, factor = 0.1, patience = 10, minDelta = 0, cooldown = 0, minRate = 0 } = options;
  const base = asSchedule('plateauRate(rate)', options.rate);
  if (mode !== 'min' && mode !== 'max') {
    throw new RangeError(`plateauRate(mode): expected 'min' or 'max', received ${describeReceived(mode)}`);
  }
  if (!(factor > 0 && factor < 1)) {
    throw new RangeError(
      `plateauRate(factor): expected a number above 0 and under 1, received ${describeReceived(factor)}`,
    );
  }
  expectWholeNumber('plateauRate(patience)', patience, 0);
  expectWholeNumber('plateauRate(cooldown)', cooldown, 0);
  for (const [name, value] of Object.entries({ minDelta, minRate })) {
    if (!(value >= 0))
      throw new RangeError(`plateauRate(${name}): expected a number from 0, received ${describeReceived(value)}`);
  }
  const sign = mode === 'min' ? 1 : -1;
  return {
    metric,
    initial: { best: Number.NaN, waited: 0, cooling: 0, lowered: 0 },
    next({ best, waited, cooling, lowered }, value) {
      const isBetter = !Number.isNaN(value) && (Number.isNaN(best) || sign * (best - value) > minDelta);
      if (isBetter) return { best: value, waited: 0, cooling: Math.max(0, cooling - 1), lowered };
      if (cooling > 0) return { best, waited: 0, cooling: cooling - 1, lowered };
      if (waited < patience) return { best, waited: waited + 1, cooling, lowered };
      return { best, waited: 0, cooling: cooldown, lowered: lowered + 1 };
    },
    rate({ lowered }, globalStep) {
      const rate = base(globalStep);
      return Math.max(Math.min(rate, minRate), rate * factor ** lowered);
    },
  };
}
