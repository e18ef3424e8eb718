import type { Subscription } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { StepOverdueError } from '../../error/step-overdue-error.js';
import type { SessionCreatedEvent, StepEvent } from '../../session/event.js';
import { toMilliseconds } from '../../trigger/to-milliseconds.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { StepOverdueEvent } from './step-overdue-event.js';

export interface HeartbeatOptions {
  /**
   * What happens besides the event: a warning in the log, or the run fails with a `StepOverdueError`. A run that waits
   * for its input fails at once; a step or a hold that is under way cannot be taken back, and the run fails when it
   * ends.
   *
   * @default 'warn'
   */
  readonly action?: 'warn' | 'fail' | undefined;
}

const OPTIONS: OptionNames<HeartbeatOptions> = { action: true };

const ACTIONS: readonly unknown[] = ['warn', 'fail'];
const LOOKS = 4;

/**
 * Notices when no step has finished for `seconds`: an input that hangs, a save that does not end.
 *
 *     source             b-c-1-2-3----------4-5-e-|
 *     heartbeat(0.006)   b-c-1-2-3------o---4-5-e-|       a character is a millisecond
 *
 * It tells once for each time that steps do not come, and looks four times in `seconds`, so it is up to a quarter late.
 * A step costs it no more than being counted. It cannot notice a step that never gives the thread back. From `end` on
 * it is at rest.
 *
 * @param seconds above 0; longer than the longest step, save or evaluation
 * @throws RangeError for wrong arguments
 */
export function heartbeat(seconds: number, options: HeartbeatOptions = {}): Hook<StepOverdueEvent> {
  checkOptions('heartbeat(options)', options, OPTIONS);
  const { action = 'warn' } = options;
  const milliseconds = toMilliseconds('heartbeat(seconds)', seconds);
  if (!ACTIONS.includes(action)) {
    throw new RangeError(`heartbeat(action): expected 'warn' or 'fail', received ${describeReceived(action)}`);
  }
  return hook('heartbeat', (output) => new ActiveHeartbeat(seconds, milliseconds / LOOKS, action, output));
}

class ActiveHeartbeat implements HookActions {
  readonly #seconds: number;
  readonly #lookMilliseconds: number;
  readonly #action: 'warn' | 'fail';
  readonly #output: HookOutput<StepOverdueEvent>;
  #session: SessionCreatedEvent | undefined;
  #timer: Subscription | undefined;
  #globalStep = 0;
  #steps = 0;
  #seenSteps = 0;
  #idleLooks = 0;
  #isOverdue = false;

  constructor(seconds: number, look: number, action: 'warn' | 'fail', output: HookOutput<StepOverdueEvent>) {
    this.#seconds = seconds;
    this.#lookMilliseconds = look;
    this.#action = action;
    this.#output = output;
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#session = event;
    this.#globalStep = event.globalStep;
    this.#rest();
    this.#watch();
  }

  step(event: StepEvent): void {
    this.#globalStep = event.globalStep;
    this.#steps++;
    if (!this.#isOverdue) return;
    event.logger.info({ globalStep: event.globalStep }, 'steps are finished again');
    this.#watch();
  }

  end(): void {
    this.#rest();
  }

  teardown(): void {
    this.#rest();
  }

  #watch(): void {
    this.#isOverdue = false;
    this.#seenSteps = this.#steps;
    this.#idleLooks = 0;
    this.#lookLater();
  }

  #rest(): void {
    this.#timer?.unsubscribe();
    this.#isOverdue = false;
  }

  #lookLater(): void {
    this.#timer = this.#session?.scheduler.schedule(() => this.#look(), this.#lookMilliseconds);
  }

  #look(): void {
    if (this.#steps !== this.#seenSteps) {
      this.#seenSteps = this.#steps;
      this.#idleLooks = 0;
    } else if (++this.#idleLooks === LOOKS) {
      this.#tell();
      return;
    }
    this.#lookLater();
  }

  #tell(): void {
    this.#isOverdue = true;
    const error = new StepOverdueError(this.#seconds, this.#globalStep);
    this.#output.emit(new StepOverdueEvent(this.#globalStep, this.#seconds));
    if (this.#action === 'fail') this.#session?.fail(error);
    else this.#session?.logger.warn({ globalStep: this.#globalStep }, error.message);
  }
}
