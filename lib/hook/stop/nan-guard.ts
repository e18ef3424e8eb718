import { BeforeSaveEvent } from '../../checkpoint/checkpoint-event.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { NanLossError } from '../../error/nan-loss-error.js';
import type { StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { StateUnfitEvent } from '../state-unfit-event.js';

export interface NanGuardOptions {
  /**
   * What happens: the run fails (or recovers from its latest checkpoint, if it is told to recover from a
   * `NanLossError`), or it is asked to stop, and ends in order.
   *
   * @default 'fail'
   */
  readonly action?: 'fail' | 'stop' | undefined;
  /** Whether infinities count as well. @default false */
  readonly infinities?: boolean | undefined;
}

const OPTIONS: OptionNames<NanGuardOptions> = { action: true, infinities: true };

const ACTIONS: readonly unknown[] = ['fail', 'stop'];

/**
 * Ends the run at the first step whose metric is NaN.
 *
 *     source              b-c-1-2-3(NaN)-…
 *     nanGuard('loss')    b-c-1-2-3#                             NanLossError
 *     … action: 'stop'    b-c-1-2-3-e-|
 *
 * A state that gave NaN is not saved, neither at this step nor at the end, wherever the saver stands: to those after the
 * guard it says that the state is unfit, and it vetoes the saves of those before it.
 *
 * @param metric the name of a number that steps return
 * @throws TypeError, RangeError for wrong arguments
 * @see TensorFlow, basic_session_run_hooks.py, NanTensorHook
 */
export function nanGuard<const K extends string>(
  metric: K,
  options: NanGuardOptions = {},
): Hook<StateUnfitEvent, { readonly [P in K]: number }> {
  checkOptions('nanGuard(options)', options, OPTIONS);
  const { action = 'fail', infinities = false } = options;
  if (typeof metric !== 'string' || metric === '') {
    throw new TypeError(
      `nanGuard(metric): expected a name, received ${metric === '' ? 'an empty one' : typeof metric}`,
    );
  }
  if (!ACTIONS.includes(action)) {
    throw new RangeError(`nanGuard(action): expected 'fail' or 'stop', received ${describeReceived(action)}`);
  }
  return hook('nanGuard', (output) => new ActiveGuard(metric, action, infinities, output));
}

class ActiveGuard<K extends string> implements HookActions<{ readonly [P in K]: number }> {
  readonly #metric: K;
  readonly #action: 'fail' | 'stop';
  readonly #infinities: boolean;
  readonly #output: HookOutput<StateUnfitEvent>;
  #fault: string | undefined;

  constructor(metric: K, action: 'fail' | 'stop', infinities: boolean, output: HookOutput<StateUnfitEvent>) {
    this.#metric = metric;
    this.#action = action;
    this.#infinities = infinities;
    this.#output = output;
  }

  sessionCreated(): void {
    this.#fault = undefined;
  }

  step(event: StepEvent<unknown, { readonly [P in K]: number }>): void {
    const value: unknown = event.outputs?.[this.#metric];
    if (typeof value !== 'number') throw this.#missing(event.outputs, value);
    if (this.#infinities ? !Number.isFinite(value) : Number.isNaN(value)) this.#act(event, value);
  }

  hookEvent(event: HookEvent): void {
    if (this.#fault !== undefined && event instanceof BeforeSaveEvent) event.skip(this.#fault);
  }

  #act(event: StepEvent, value: number): void {
    const { globalStep, logger } = event;
    const error = new NanLossError(this.#metric, value, globalStep);
    this.#fault = error.message;
    this.#output.emit(new StateUnfitEvent(globalStep, error.message));
    if (this.#action === 'fail') {
      logger.error({ globalStep }, error.message);
      event.fail(error);
    } else {
      logger.warn({ globalStep }, `${error.message}: the run is stopped, and this state is not saved`);
      event.requestStop(error.message);
    }
  }

  #missing(outputs: unknown, value: unknown): TypeError {
    const names = typeof outputs === 'object' && outputs !== null ? Object.keys(outputs).join(', ') : '';
    return new TypeError(
      `nanGuard(metric): expected the step to return a number "${this.#metric}", received ${describeReceived(value)}` +
        (names === '' ? '' : `; it returns: ${names}`),
    );
  }
}
