import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { BeforeStepEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import { never } from '../../trigger/never.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { Schedule } from '../schedule.js';
import { plainValue } from './plain-value.js';

/** What is logged, by name, in the order in which it was asked for. */
export type LoggedValues = ReadonlyMap<string, unknown>;

export interface StepLoggerOptions<O = unknown> {
  /** When to log. @default only at the end */
  readonly trigger?: Trigger<O> | undefined;
  /** Fetches to log besides; they are asked for on steps at which the trigger can fire. @default none */
  readonly fetches?: readonly string[] | undefined;
  /** Whether to log the outputs of the last step at the end, unless they just were. @default false */
  readonly atEnd?: boolean | undefined;
  /** Makes the whole message. @default `loss = 0.25, accuracy = 0.9 (1.234 sec)` */
  readonly formatter?: ((values: LoggedValues) => string) | undefined;
}

const OPTIONS: OptionNames<StepLoggerOptions<never>> = { trigger: true, fetches: true, atEnd: true, formatter: true };

/**
 * Logs outputs and fetches of the steps at which the trigger fires, with the time since they were logged last.
 *
 *     source                                              b-c-1-2-3-4-e-|
 *     stepLogger(['loss'], { trigger: everySteps(2) })    b-c-1-2-3-4-e-|
 *                                                               |   '- loss = 0.25 (2.000 sec)
 *                                                               '----- loss = 0.5
 *
 * @param outputs the names of what steps return
 * @throws TypeError, RangeError for wrong arguments, e.g. neither a trigger nor `atEnd`
 * @see TensorFlow, basic_session_run_hooks.py, LoggingTensorHook
 */
export function stepLogger<const K extends string = never, O = unknown>(
  outputs: readonly K[],
  options: StepLoggerOptions<O>,
): Hook<never, O & { readonly [P in K]: unknown }> {
  checkOptions('stepLogger(options)', options, OPTIONS);
  const { trigger, fetches = [], atEnd = false, formatter } = options;
  if (!Array.isArray(outputs) || outputs.length + fetches.length === 0) {
    throw new TypeError("stepLogger(outputs): expected the names of outputs, e.g. ['loss'], or of fetches");
  }
  if (trigger === undefined && !atEnd) {
    throw new TypeError('stepLogger(options): expected a trigger, or `atEnd`, or both, received neither');
  }
  if (trigger === undefined && fetches.length > 0) {
    throw new TypeError('stepLogger(fetches): expected a trigger with them, for at the end there is no step to ask');
  }
  if (trigger !== undefined) expectTriggers('stepLogger(trigger)', [trigger]);
  if (formatter !== undefined) checkFunction('stepLogger(formatter)', formatter);
  return hook('stepLogger', (output) => {
    const schedule = new Schedule<O>(trigger ?? never());
    return new ActiveLogger<O>(schedule, { outputs, fetches, atEnd, formatter }, output);
  });
}

interface LoggerOptions {
  readonly outputs: readonly string[];
  readonly fetches: readonly string[];
  readonly atEnd: boolean;
  readonly formatter: ((values: LoggedValues) => string) | undefined;
}

class ActiveLogger<O> implements HookActions<O> {
  readonly #schedule: Schedule<O>;
  readonly #options: LoggerOptions;
  readonly #output: HookOutput<never>;
  /** Only of loggers that have fetches to ask for. */
  readonly beforeStep?: (event: BeforeStepEvent) => void;
  #last: StepEvent<unknown, O> | undefined;
  #logged: { readonly step: StepEvent<unknown, O>; readonly at: number } | undefined;
  #lastAdvance = 1;
  #isAsked = false;
  #isDue = false;

  constructor(schedule: Schedule<O>, options: LoggerOptions, output: HookOutput<never>) {
    this.#schedule = schedule;
    this.#options = options;
    this.#output = output;
    if (options.fetches.length > 0) this.beforeStep = (event) => this.#ask(event);
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#schedule.start(event);
    this.#last = undefined;
    this.#isDue = false;
  }

  step(event: StepEvent<unknown, O>): void {
    const { fetches, atEnd } = this.#options;
    if (atEnd) this.#last = event;
    if (fetches.length > 0) this.#lastAdvance = event.globalStep - event.previousGlobalStep;
    if (this.#schedule.isDueAt(event)) this.#isDue = true;
    if (this.#isDue && (this.#isAsked || fetches.length === 0)) {
      this.#isDue = false;
      this.#log(event, event);
    }
    if (!atEnd && fetches.length === 0) this.#output.sleepUntil(this.#schedule.nextStep);
  }

  end(event: EndEvent): void {
    if (this.#last !== undefined && this.#last !== this.#logged?.step) this.#log(this.#last, event);
  }

  teardown(): void {
    this.#schedule.stop();
    this.#last = undefined;
    this.#logged = undefined;
  }

  /** Who jumps over the step that was foretold is logged one step later, when the fetches were asked for. */
  #ask(event: BeforeStepEvent): void {
    this.#isAsked = this.#isDue || event.globalStep + this.#lastAdvance >= this.#schedule.nextStep;
    if (this.#isAsked) event.request(...this.#options.fetches);
  }

  #log(step: StepEvent<unknown, O>, event: StepEvent<unknown, O> | EndEvent): void {
    const { outputs, fetches, formatter } = this.#options;
    const values = new Map<string, unknown>();
    for (const name of outputs) values.set(name, outputOf(step.outputs, name));
    if (event === step) for (const name of fetches) values.set(name, step.fetch(name));
    const at = event.scheduler.now();
    const seconds = this.#logged === undefined ? undefined : (at - this.#logged.at) / 1000;
    this.#logged = { step, at };
    const text = formatter?.(values) ?? messageOf(values, seconds);
    event.logger.info({ globalStep: event.globalStep }, text);
  }
}

function outputOf(outputs: unknown, name: string): unknown {
  if (typeof outputs === 'object' && outputs !== null && name in outputs) return Reflect.get(outputs, name);
  const known = typeof outputs === 'object' && outputs !== null ? Object.keys(outputs).join(', ') : typeof outputs;
  throw new TypeError(`stepLogger(outputs): expected the step to return "${name}", received ${known || 'nothing'}`);
}

function messageOf(values: LoggedValues, seconds: number | undefined): string {
  const text = [...values].map(([name, value]) => `${name} = ${plainValue(value)}`).join(', ');
  return seconds === undefined ? text : `${text} (${seconds.toFixed(3)} sec)`;
}
