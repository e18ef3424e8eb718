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

/**
 * Rises in a straight line to the rate of another schedule, whose steps are counted from the start of training.
 *
 *     step                                              0     1     2     3     4
 *     warmUpRate({ steps: 4, to: 0.4 })                 0.1   0.2   0.3   0.4   0.4
 */
export function warmUpRate({ steps, from = 1 / steps, to }: WarmUpOptions): RateSchedule {
  mustBeSteps('warmUpRate(steps)', steps);
  if (!(from >= 0 && from <= 1))
    throw new RangeError(`warmUpRate(from): expected a number from 0 to 1, received ${from}`);
  const goal = asSchedule(to);
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

/** Falls from one rate to another along half a cosine wave. */
export function cosineRate({ from, to = 0, steps }: CosineRateOptions): RateSchedule {
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

/** Falls at once, every so many steps. */
export function stepDecay({ from, factor, every }: StepDecayOptions): RateSchedule {
  mustBeRate('stepDecay(from)', from);
  mustBeSteps('stepDecay(every)', every);
  if (!(factor > 0)) throw new RangeError(`stepDecay(factor): expected a number above 0, received ${factor}`);
  return (globalStep) => from * factor ** Math.floor(globalStep / every);
}

/**
 * One schedule after another. Each counts its steps from where it begins.
 *
 * @param parts schedules, each but the last with the steps that it lasts
 */
export function sequenceOfRates(
  ...parts: readonly { readonly steps?: number | undefined; readonly rate: RateSchedule | number }[]
): RateSchedule {
  if (parts.length === 0) throw new TypeError('sequenceOfRates(parts): expected at least one part, received none');
  const schedules = parts.map(({ steps, rate }, i) => {
    if (i < parts.length - 1) mustBeSteps(`sequenceOfRates(parts[${i}].steps)`, steps ?? Number.NaN);
    return { steps: i < parts.length - 1 ? (steps ?? 0) : Number.POSITIVE_INFINITY, rate: asSchedule(rate) };
  });
  return (globalStep) => {
    let rest = globalStep;
    for (const { steps, rate } of schedules) {
      if (rest < steps) return rate(rest);
      rest -= steps;
    }
    throw new RangeError(`sequenceOfRates(globalStep): expected a number, received ${globalStep}`);
  };
}

export function asSchedule(rate: RateSchedule | number): RateSchedule {
  return typeof rate === 'number' ? constantRate(rate) : rate;
}

function mustBeRate(what: string, rate: number): void {
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(`${what}: expected a finite number from 0, received ${rate}`);
  }
}

function mustBeSteps(what: string, steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new RangeError(`${what}: expected a whole number from 1, received ${steps}`);
  }
}
