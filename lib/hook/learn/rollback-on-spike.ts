import { AbortedError } from '../../error/aborted-error.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { LossSpikeError } from '../../error/loss-spike-error.js';
import { UnavailableError } from '../../error/unavailable-error.js';
import type { BeginEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { Input, ResumableInput } from '../../session/input.js';
import type { RecoverOptions } from '../../session/recovery.js';
import { expectWholeNumber } from '../../trigger/expect-whole-number.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { HookState } from '../state/hook-state.js';
import { StateUnfitEvent } from '../state-unfit-event.js';
import { MetricReader, type OutputsWith } from './metric-reader.js';
import { SkippableBatches, SkippingCursor } from './skippable-batches.js';

export interface RollbackOptions {
  /** A value above the running mean by more than so many standard deviations is a spike; above 0. @default 6 */
  readonly sigmas?: number | undefined;
  /** About how many values the running mean and deviation are of; a whole number from 1. @default 100 */
  readonly windowValues?: number | undefined;
  /** So many values are looked at before one can be a spike; NaN and infinities always are. @default windowValues */
  readonly warmUpValues?: number | undefined;
  /** How many batches are skipped: the one of the spike and those before it; a whole number from 1. @default 1 */
  readonly skipBatches?: number | undefined;
  /** How often a run is rolled back, across restarts; the next spike fails it. A whole number from 0. @default 3 */
  readonly maxRollbacks?: number | undefined;
  /** Where checkpoints keep its state: `hook/<key>`. @default 'rollbackOnSpike' */
  readonly key?: string | undefined;
}

const OPTIONS: OptionNames<RollbackOptions> = {
  sigmas: true,
  windowValues: true,
  warmUpValues: true,
  skipBatches: true,
  maxRollbacks: true,
  key: true,
};

/** The three places of a session at which a rollback acts. */
export interface Rollback<K extends string> {
  /** The hook; put it before the saver. */
  readonly hook: Hook<StateUnfitEvent, OutputsWith<K>>;
  /** For the option `recover`: recovers from spikes, and from what `options.when` says, by default preemptions. */
  recover(options?: RecoverOptions): RecoverOptions;
  /** For the option `input`: passes over the batches that are to be skipped. */
  input<T>(input: Input<T>): ResumableInput<T>;
}

/**
 * Goes back to the last checkpoint when a metric leaps up, and skips the batches that made it leap.
 *
 *     const rollback = rollbackOnSpike('loss', { skipBatches: 2 });
 *     trainingSession({ …, input: rollback.input(batches), restore: latestFrom(store), recover: rollback.recover() })
 *       .pipe(rollback.hook, checkpointSaver(…))
 *
 *     batches    0 1 2 3 4 5 6*                 6* spikes; the checkpoint is of step 4
 *                        4     7 8 …            5 and 6 are skipped
 *
 * The hook fails the run with a LossSpikeError, from which `recover` recovers: the session is created again from what
 * `restore` finds, with the state, the input and the other hooks as they were at that checkpoint. The state that spiked
 * is never saved. Which batches are skipped is in the checkpoints that follow; a process that dies before the next one
 * meets the same spike and decides the same.
 *
 * One rollback goes with one run at a time: make it inside `defer` for a session that is subscribed to more than once.
 *
 * @param metric a number that steps return, or `<source>/<name>` of what an earlier hook measures
 * @throws TypeError, RangeError for wrong arguments
 */
export function rollbackOnSpike<const K extends string>(metric: K, options: RollbackOptions = {}): Rollback<K> {
  checkOptions('rollbackOnSpike(options)', options, OPTIONS);
  const reader = new MetricReader('rollbackOnSpike', metric);
  const { sigmas = 6, windowValues = 100, warmUpValues = windowValues, skipBatches = 1, maxRollbacks = 3 } = options;
  const { key = 'rollbackOnSpike' } = options;
  if (!(sigmas > 0))
    throw new RangeError(`rollbackOnSpike(sigmas): expected a number above 0, received ${describeReceived(sigmas)}`);
  expectWholeNumber('rollbackOnSpike(windowValues)', windowValues, 1);
  expectWholeNumber('rollbackOnSpike(warmUpValues)', warmUpValues, 0);
  expectWholeNumber('rollbackOnSpike(skipBatches)', skipBatches, 1);
  expectWholeNumber('rollbackOnSpike(maxRollbacks)', maxRollbacks, 0);
  const settings = { sigmas, windowValues, warmUpValues, skipBatches, maxRollbacks, key };
  const batches = new SkippableBatches();
  return {
    hook: hook<StateUnfitEvent, OutputsWith<K>>(
      'rollbackOnSpike',
      (output) => new ActiveRollback(reader, settings, batches, output),
    ),
    recover: ({ when = isPreemption, ...others } = {}) => ({
      ...others,
      when: (error) => (error instanceof LossSpikeError ? error.isRecoverable : when(error)),
    }),
    input: (input) => ({ open: () => new SkippingCursor(input, batches) }),
  };
}

function isPreemption(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof AbortedError;
}

type Settings = { readonly [Name in keyof RollbackOptions]-?: NonNullable<RollbackOptions[Name]> };

interface Seen {
  readonly values: number;
  readonly mean: number;
  readonly variance: number;
  readonly rollbacks: number;
}

class ActiveRollback<O> implements HookActions<O> {
  readonly #reader: MetricReader;
  readonly #settings: Settings;
  readonly #batches: SkippableBatches;
  readonly #output: HookOutput<StateUnfitEvent>;
  readonly #state: HookState<Seen>;
  #begin: BeginEvent | undefined;
  /** Since the beginning of the run, whatever older checkpoints say. */
  #rollbacks = 0;
  #hasFailed = false;

  constructor(
    reader: MetricReader,
    settings: Settings,
    batches: SkippableBatches,
    output: HookOutput<StateUnfitEvent>,
  ) {
    this.#reader = reader;
    this.#settings = settings;
    this.#batches = batches;
    this.#output = output;
    const initial = (): Seen => ({ values: 0, mean: 0, variance: 0, rollbacks: 0 });
    this.#state = new HookState({ key: settings.key, initial });
  }

  begin(event: BeginEvent): void {
    this.#batches.reset();
    this.#begin = event;
    event.track(this.#settings.key, this.#state);
  }

  sessionCreated({ logger, globalStep }: SessionCreatedEvent): void {
    this.#rollbacks = Math.max(this.#rollbacks, this.#state.current.rollbacks);
    this.#state.current = { ...this.#state.current, rollbacks: this.#rollbacks };
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    const { skipped } = this.#batches;
    logger.warn(
      { globalStep, skipped },
      `rolled back to step ${globalStep}; batches ${skipped.join(', ')} are skipped`,
    );
  }

  step(event: StepEvent<unknown, O>): void {
    if (!this.#reader.isMeasured) this.#see(this.#reader.ofOutputs(event.outputs), event.globalStep);
  }

  hookEvent(event: HookEvent): void {
    const value = this.#reader.isMeasured ? this.#reader.ofEvent(event) : undefined;
    if (value !== undefined && 'globalStep' in event) this.#see(value, Number(event.globalStep));
  }

  #see(value: number, globalStep: number): void {
    const { sigmas, windowValues, warmUpValues } = this.#settings;
    const { values, mean, variance } = this.#state.current;
    const limit = values < Math.max(1, warmUpValues) ? Number.MAX_VALUE : mean + sigmas * Math.sqrt(variance);
    // Not `value > limit`: NaN is a spike.
    if (!(value <= limit)) {
      this.#fail(value, limit, globalStep);
      return;
    }
    // As of all values at first, then of about the last `windowValues`.
    const share = Math.max(1 / (values + 1), 1 / windowValues);
    const difference = value - mean;
    this.#state.current = {
      values: values + 1,
      mean: mean + share * difference,
      variance: (1 - share) * (variance + share * difference * difference),
      rollbacks: this.#rollbacks,
    };
  }

  #fail(value: number, limit: number, globalStep: number): void {
    const { skipBatches, maxRollbacks } = this.#settings;
    const isRecoverable = this.#rollbacks < maxRollbacks;
    const error = new LossSpikeError(this.#reader.metric, value, limit, globalStep, this.#rollbacks, isRecoverable);
    if (isRecoverable) {
      this.#rollbacks++;
      this.#hasFailed = true;
      const last = this.#batches.lastIndex;
      const first = Math.max(0, last - skipBatches + 1);
      this.#batches.skip(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    }
    this.#output.emit(new StateUnfitEvent(globalStep, error.message));
    this.#begin?.fail(error);
  }
}
