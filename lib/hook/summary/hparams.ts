import { checkObject } from '../../error/check-object.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { HparamsExperiment, HparamValue } from '../../format/event/hparams/hparams-data.js';
import { hparamsValue } from '../../format/event/hparams/hparams-value.js';
import type { SummarySource } from './summary-source.js';

export interface HparamsOptions {
  /**
   * What is tried and measured, over all trials; TensorBoard finds it in any run, and makes one up if there is none.
   *
   * @default none
   */
  readonly experiment?: Omit<HparamsExperiment, 'type'> | undefined;
  /** Trials of one name are repetitions of each other. @default none */
  readonly groupName?: string | undefined;
  /** The wall clock, in milliseconds since 1970; when the trial began and ended. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

const OPTIONS: OptionNames<HparamsOptions> = { experiment: true, groupName: true, wallClock: true };

/**
 * Draws the hyperparameters of a run, and at its end whether it failed. Each run is a trial; its metrics are the last
 * values of its scalars. Of a run that was resumed, readers keep the first hyperparameters and the first end.
 *
 * @throws TypeError, RangeError for names that are empty, and values that are no string, boolean or number
 */
export function hparams(values: Readonly<Record<string, HparamValue>>, options: HparamsOptions = {}): SummarySource {
  checkObject('hparams(values)', 'values by name', values);
  checkOptions('hparams(options)', options, OPTIONS);
  const { experiment, groupName, wallClock = Date.now } = options;
  const seconds = (): number => wallClock() / 1000;
  const start = { type: 'sessionStart', hparams: new Map(Object.entries(values)), groupName } as const;
  const told = experiment === undefined ? [] : [hparamsValue({ ...experiment, type: 'experiment' })];
  // Encoded once at the door, so that a wrong value is refused here.
  hparamsValue(start);
  return {
    atStart: () => [...told, hparamsValue({ ...start, startTime: seconds() })],
    atEnd: () => [hparamsValue({ type: 'sessionEnd', status: 'success', endTime: seconds() })],
    atFailure: () => [hparamsValue({ type: 'sessionEnd', status: 'failure', endTime: seconds() })],
  };
}
