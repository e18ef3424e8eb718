import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { SessionCreatedEvent, StepEvent } from '../../session/event.js';
import { everySteps } from '../../trigger/every-steps.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { Schedule } from '../schedule.js';
import { StepRateEvent } from './step-rate-event.js';

export interface StepCounterOptions<O = unknown> {
  /** When to tell the rate. @default everySteps(100) */
  readonly trigger?: Trigger<O> | undefined;
  /** What the rate is told under. @default 'global_step/sec', as in TensorFlow */
  readonly tag?: string | undefined;
}

const OPTIONS: OptionNames<StepCounterOptions<never>> = { trigger: true, tag: true };

const STALLED_STEPS = 20;
const SHOWN_DIGITS = 6;

/**
 * Tells at each firing of the trigger how many global steps a second were taken since the firing before, in an event
 * and in the log. The first firing only starts the count, so the slow first steps are not in it.
 *
 *     source                                    b-c-1-2-3-4-5-6-e-|
 *     stepCounter({ trigger: everySteps(2) })   b-c-1-2-3-4R5-6Re-|
 *
 * The time of everything that happens between the steps counts: saving and evaluating, too. A firing that comes with no
 * time passed tells nothing, and its steps are in the next rate. A recovery starts the count anew.
 *
 * Twenty steps in a row that do not advance the global step are warned of in the log, and so is each further twenty.
 *
 * @throws TypeError if the trigger is none
 * @see TensorFlow, basic_session_run_hooks.py, StepCounterHook
 */
export function stepCounter<O = unknown>(options: StepCounterOptions<O> = {}): Hook<StepRateEvent, O> {
  checkOptions('stepCounter(options)', options, OPTIONS);
  const { trigger = everySteps(100), tag = 'global_step/sec' } = options;
  expectTriggers('stepCounter(trigger)', [trigger]);
  return hook('stepCounter', (output) => new ActiveCounter(new Schedule(trigger), tag, output));
}

class ActiveCounter<O> implements HookActions<O> {
  readonly #schedule: Schedule<O>;
  readonly #tag: string;
  readonly #output: HookOutput<StepRateEvent>;
  #counted: { readonly globalStep: number; readonly at: number } | undefined;
  #stalledSteps = 0;

  constructor(schedule: Schedule<O>, tag: string, output: HookOutput<StepRateEvent>) {
    this.#schedule = schedule;
    this.#tag = tag;
    this.#output = output;
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#schedule.start(event);
    this.#counted = undefined;
    this.#stalledSteps = 0;
  }

  // Never asleep: a global step that stands still is to be noticed.
  step(event: StepEvent<unknown, O>): void {
    if (event.globalStep === event.previousGlobalStep) this.#stall(event);
    else this.#stalledSteps = 0;
    if (this.#schedule.isDueAt(event)) this.#count(event);
  }

  teardown(): void {
    this.#schedule.stop();
  }

  #stall({ globalStep, logger }: StepEvent<unknown, O>): void {
    this.#stalledSteps++;
    if (this.#stalledSteps % STALLED_STEPS !== 0) return;
    logger.warn({ globalStep }, `${this.#stalledSteps} steps in a row have not advanced the global step`);
  }

  #count({ globalStep, scheduler, logger }: StepEvent<unknown, O>): void {
    const at = scheduler.now();
    const last = this.#counted;
    if (last !== undefined && at <= last.at) return;
    this.#counted = { globalStep, at };
    if (last === undefined) return;
    const rate = new StepRateEvent(this.#tag, globalStep, globalStep - last.globalStep, (at - last.at) / 1000);
    const { stepsPerSecond } = rate;
    logger.info({ globalStep, stepsPerSecond }, `${this.#tag}: ${Number(stepsPerSecond.toPrecision(SHOWN_DIGITS))}`);
    this.#output.emit(rate);
  }
}
