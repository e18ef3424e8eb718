import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';

/**
 * The learning rate of a step: a pure function of the steps taken before it, across restarts. So a resumed run has the
 * rates that it would have had.
 */
export type RateSchedule = (globalStep: number) => number;

/**
 * A schedule that heeds a metric: a fold over its values, whose state checkpoints hold.
 *
 * @typeParam A the state; JSON
 */
export interface MetricRateSchedule<A = unknown> {
  /** What it heeds: a number that steps return, or `<source>/<name>` of what an earlier hook measures. */
  readonly metric: string;
  readonly initial: A;
  /** The state after another value of the metric. */
  next(state: A, value: number): A;
  rate(state: A, globalStep: number): number;
}

/** The same rate at every step. */
export function constantRate(rate: number): RateSchedule {
  mustBeRate('constantRate(rate)', rate);
  return () => rate;
}

export interface WarmUpOptions {
  /** Steps until the rate is that of `to`; a whole number from 1. */
  readonly steps: number;
  /** The share of it at the first step. @default 1 / steps */
  readonly from?: number | undefined;
  /** The rate, or another schedule, to rise to. */
  readonly to: RateSchedule | number;
}

const WARM_UP_RATE_OPTIONS: OptionNames<WarmUpOptions> = { steps: true, from: true, to: true };

/**
 * Rises in a straight line to the rate of another schedule, whose steps are counted from the start of training.
 *
 *     step                                              0     1     2     3     4
 *     warmUpRate({ steps: 4, to: 0.4 })                 0.1   0.2   0.3   0.4   0.4
 */
export function warmUpRate(options: WarmUpOptions): RateSchedule {
  checkOptions('warmUpRate(options)', options, WARM_UP_RATE_OPTIONS);
  const { steps, from = 1 / steps, to } = options;
  mustBeSteps('warmUpRate(steps)', steps);
  if (!(from >= 0 && from <= 1))
    throw new RangeError(`warmUpRate(from): expected a number from 0 to 1, received ${describeReceived(from)}`);
  const goal = asSchedule('warmUpRate(to)', to);
  return (globalStep) => {
    const share = steps === 1 ? 1 : from + ((1 - from) * globalStep) / (steps - 1);
    return goal(globalStep) * Math.min(1, share);
  };
}

export interface CosineRateOptions {
  readonly from: number;
  /** @default 0 */
  readonly to?: number | undefined;
  /** Steps until `to` is reached, where it stays; a whole number from 1. */
  readonly steps: number;
}

const COSINE_RATE_OPTIONS: OptionNames<CosineRateOptions> = { from: true, to: true, steps: true };

/** Falls from one rate to another along half a cosine wave. */
export function cosineRate(options: CosineRateOptions): RateSchedule {
  checkOptions('cosineRate(options)', options, COSINE_RATE_OPTIONS);
  const { from, to = 0, steps } = options;
  mustBeRate('cosineRate(from)', from);
  mustBeRate('cosineRate(to)', to);
  mustBeSteps('cosineRate(steps)', steps);
  return (globalStep) => to + ((from - to) * (1 + Math.cos((Math.PI * Math.min(globalStep, steps)) / steps))) / 2;
}

export interface StepDecayOptions {
  readonly from: number;
  /** What the rate is multiplied by, time and again; above 0. */
  readonly factor: number;
  /** After how many steps each time; a whole number from 1. */
  readonly every: number;
}

const STEP_DECAY_OPTIONS: OptionNames<StepDecayOptions> = { from: true, factor: true, every: true };

/** Falls at once, every so many steps. */
export function stepDecay(options: StepDecayOptions): RateSchedule {
  checkOptions('stepDecay(options)', options, STEP_DECAY_OPTIONS);
  const { from, factor, every } = options;
  mustBeRate('stepDecay(from)', from);
  mustBeSteps('stepDecay(every)', every);
  if (!(factor > 0))
    throw new RangeError(`stepDecay(factor): expected a number above 0, received ${describeReceived(factor)}`);
  return (globalStep) => from * factor ** Math.floor(globalStep / every);
}

const PART = { steps: true, rate: true } as const;

/**
 * One schedule after another. Each counts its steps from where it begins.
 *
 * @param parts schedules, each but the last with the steps that it lasts
 */
export function sequenceOfRates(
  ...parts: readonly { readonly steps?: number | undefined; readonly rate: RateSchedule | number }[]
): RateSchedule {
  if (parts.length === 0) throw new TypeError('sequenceOfRates(parts): expected at least one part, received none');
  const schedules = parts.map((part, i) => {
    checkOptions(`sequenceOfRates(parts[${i}])`, part, PART);
    const { steps, rate } = part;
    if (i < parts.length - 1) mustBeSteps(`sequenceOfRates(parts[${i}].steps)`, steps ?? Number.NaN);
    return {
      steps: i < parts.length - 1 ? (steps ?? 0) : Number.POSITIVE_INFINITY,
      rate: asSchedule(`sequenceOfRates(parts[${i}].rate)`, rate),
    };
  });
  return (globalStep) => {
    let rest = globalStep;
    for (const { steps, rate } of schedules) {
      if (rest < steps) return rate(rest);
      rest -= steps;
    }
    throw new RangeError(`sequenceOfRates(globalStep): expected a number, received ${describeReceived(globalStep)}`);
  };
}

export function asSchedule(where: string, rate: RateSchedule | number): RateSchedule {
  if (typeof rate === 'number') return constantRate(rate);
  if (typeof rate === 'function') return rate;
  throw new TypeError(`${where}: expected a schedule or a number, received ${describeReceived(rate)}`);
}

function mustBeRate(what: string, rate: number): void {
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(`${what}: expected a finite number from 0, received ${describeReceived(rate)}`);
  }
}

function mustBeSteps(what: string, steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new RangeError(`${what}: expected a whole number from 1, received ${describeReceived(steps)}`);
  }
}
