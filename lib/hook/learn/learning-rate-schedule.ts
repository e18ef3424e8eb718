import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { BeforeStepEvent, BeginEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { everySteps } from '../../trigger/every-steps.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type HookActions, type HookOutput, hook } from '../hook.js';
import { MetricsEvent } from '../metrics-event.js';
import { Schedule } from '../schedule.js';
import { HookState } from '../state/hook-state.js';
import { MetricReader, type OutputsWith } from './metric-reader.js';
import { constantRate, type MetricRateSchedule, type RateSchedule } from './rate-schedule.js';
import type { StateHook } from './state-hook.js';

export interface LearningRateScheduleOptions {
  /** When the rate is told, as the metric `<name>/rate`. @default everySteps(100) */
  readonly publish?: Trigger | undefined;
  /** @default 'schedule' */
  readonly name?: string | undefined;
  /** Where checkpoints keep the state of a schedule that has one: `hook/<key>`. @default 'learningRateSchedule' */
  readonly key?: string | undefined;
}

const OPTIONS: OptionNames<LearningRateScheduleOptions> = { publish: true, name: true, key: true };

/**
 * Sets the learning rate before each step for which the schedule says another one, and tells it now and then.
 *
 *     source                                                b-c-A-1-B-2-…     capitals: before a step
 *     learningRateSchedule(set, stepDecay({ … }))           set(0.1) at A, set(0.05) at B
 *
 * After a restart or a recovery the rate is set anew before the first step. A schedule that heeds a metric keeps what
 * it has seen of it in checkpoints. One that is measured must be measured by a hook that stands before this one.
 *
 * @param set gives a rate to the optimizer
 * @throws TypeError for wrong arguments
 */
export function learningRateSchedule<S, K extends string = 'schedule/rate'>(
  set: (state: S, rate: number) => void,
  schedule: RateSchedule | number | (MetricRateSchedule & { readonly metric: K }),
  options: LearningRateScheduleOptions = {},
): StateHook<S, MetricsEvent, OutputsWith<K>> {
  checkOptions('learningRateSchedule(options)', options, OPTIONS);
  const { publish = everySteps(100), name = 'schedule', key = 'learningRateSchedule' } = options;
  checkFunction('learningRateSchedule(set)', set);
  expectTriggers('learningRateSchedule(publish)', [publish]);
  const folded = typeof schedule === 'object' ? schedule : pure(schedule);
  if (typeof folded?.rate !== 'function') {
    throw new TypeError(`learningRateSchedule(schedule): expected a schedule, received ${describeReceived(schedule)}`);
  }
  const reader = typeof schedule === 'object' ? new MetricReader('learningRateSchedule', folded.metric) : undefined;
  return hook<MetricsEvent, OutputsWith<K>>(
    'learningRateSchedule',
    (output) => new ActiveSchedule<S, OutputsWith<K>>({ set, folded, reader, publish, name, key }, output),
  );
}

function pure(schedule: RateSchedule | number): MetricRateSchedule {
  const rate = typeof schedule === 'number' ? constantRate(schedule) : schedule;
  if (typeof rate !== 'function') {
    throw new TypeError(`learningRateSchedule(schedule): expected a schedule, received ${describeReceived(rate)}`);
  }
  return { metric: '', initial: null, next: (state) => state, rate: (_, globalStep) => rate(globalStep) };
}

interface Settings<S> {
  readonly set: (state: S, rate: number) => void;
  readonly folded: MetricRateSchedule;
  readonly reader: MetricReader | undefined;
  readonly publish: Trigger;
  readonly name: string;
  readonly key: string;
}

class ActiveSchedule<S, O> implements HookActions<O> {
  readonly #settings: Settings<S>;
  readonly #output: HookOutput<MetricsEvent>;
  readonly #published: Schedule;
  readonly #state: HookState<unknown>;
  #rate: number | undefined;

  constructor(settings: Settings<S>, output: HookOutput<MetricsEvent>) {
    this.#settings = settings;
    this.#output = output;
    this.#published = new Schedule(settings.publish);
    this.#state = new HookState({ key: settings.key, initial: () => settings.folded.initial });
  }

  begin(event: BeginEvent): void {
    if (this.#settings.reader !== undefined) event.track(this.#settings.key, this.#state);
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#rate = undefined;
    this.#published.start(event);
  }

  beforeStep({ state, globalStep }: BeforeStepEvent): void {
    const { folded, set } = this.#settings;
    const rate = folded.rate(this.#state.current, globalStep);
    if (rate === this.#rate) return;
    if (!Number.isFinite(rate)) {
      throw new RangeError(
        `learningRateSchedule(schedule): expected a finite rate for step ${globalStep}, received ${describeReceived(rate)}`,
      );
    }
    this.#rate = rate;
    // The type of the hook asks for a session whose state is an S.
    set(state as S, rate);
  }

  step(event: StepEvent<unknown, O>): void {
    const { reader, name } = this.#settings;
    if (reader !== undefined && !reader.isMeasured) this.#see(reader.ofOutputs(event.outputs));
    if (this.#published.isDueAt(event) && this.#rate !== undefined) {
      this.#output.emit(new MetricsEvent(name, event.globalStep, new Map([['rate', this.#rate]])));
    }
    if (reader === undefined || reader.isMeasured) this.#output.sleepUntil(this.#published.nextStep);
  }

  hookEvent(event: HookEvent): void {
    const { reader } = this.#settings;
    const value = reader?.isMeasured === true ? reader.ofEvent(event) : undefined;
    if (value !== undefined) this.#see(value);
  }

  teardown(): void {
    this.#published.stop();
  }

  #see(value: number): void {
    this.#state.current = this.#settings.folded.next(this.#state.current, value);
  }
}
