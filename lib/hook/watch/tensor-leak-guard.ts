import { defer, type Observable } from 'rxjs';
import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import { TensorLeakError } from '../../error/tensor-leak-error.js';
import type { AnyEvent, SessionEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { expectWholeNumber } from '../../trigger/expect-whole-number.js';
import { type Hook, type HookActions, hook } from '../hook.js';

export interface TensorLeakGuardOptions {
  /** How many tensors exist, e.g. `() => tf.memory().numTensors`. */
  readonly probe: () => number;
  /** How many the hook may hold from one step to the next. @default 0 */
  readonly allowed?: number | undefined;
  /** What happens: a warning in the log at each doubling, or the run fails with a `TensorLeakError`. @default 'warn' */
  readonly action?: 'warn' | 'fail' | undefined;
  /** What the hook is called. @default its own name */
  readonly name?: string | undefined;
}

const OPTIONS: OptionNames<TensorLeakGuardOptions> = { probe: true, allowed: true, action: true, name: true };

const ACTIONS: readonly unknown[] = ['warn', 'fail'];

/**
 * Watches over a hook: tells, by its name, when it leaves more and more tensors behind.
 *
 *     session.pipe(tensorLeakGuard(myHook(), { probe: () => tf.memory().numTensors }), …)
 *
 * The tensors are counted right before the hook is told of a lifecycle event, and right after it: what the difference
 * adds up to from one creation of the session to the next is the hook's. Tensors that it makes later, in work that
 * holds the loop or in the background, are not seen. The hook itself is unchanged, and hooks without a guard cost
 * nothing.
 *
 * @param watched one hook, or several as a function that pipes them
 * @returns the same hook, watched
 * @throws TypeError, RangeError for wrong arguments
 */
export function tensorLeakGuard<H extends Hook<HookEvent, never>>(watched: H, options: TensorLeakGuardOptions): H {
  checkOptions('tensorLeakGuard(options)', options, OPTIONS);
  const { probe, allowed = 0, action = 'warn', name = watched.name || 'unnamed' } = options;
  if (typeof watched !== 'function') {
    throw new TypeError(`tensorLeakGuard(watched): expected a hook, received ${describeReceived(watched)}`);
  }
  checkFunction('tensorLeakGuard(probe)', probe);
  expectWholeNumber('tensorLeakGuard(allowed)', allowed, 0);
  if (!ACTIONS.includes(action)) {
    throw new RangeError(`tensorLeakGuard(action): expected 'warn' or 'fail', received ${describeReceived(action)}`);
  }
  const guarded = (source: Observable<AnyEvent<never>>): Observable<AnyEvent<never>> =>
    defer(() => {
      const count = new TensorCount(name, probe, allowed, action);
      const before = hook(`tensors before ${name}`, () => atEach(() => count.before()));
      const after = hook(`tensors after ${name}`, () => atEach((event) => count.after(event)));
      return source.pipe(before, watched, after);
    });
  // What goes in and comes out is what `watched` takes and gives.
  return guarded as Hook<HookEvent, never> as H;
}

function atEach(act: (event: SessionEvent) => void): HookActions {
  return { begin: act, sessionCreated: act, beforeStep: act, step: act, end: act };
}

class TensorCount {
  readonly #name: string;
  readonly #probe: () => number;
  readonly #action: 'warn' | 'fail';
  readonly #allowed: number;
  #limit: number;
  #before = 0;
  #left = 0;

  constructor(name: string, probe: () => number, allowed: number, action: 'warn' | 'fail') {
    this.#name = name;
    this.#probe = probe;
    this.#action = action;
    this.#allowed = allowed;
    this.#limit = allowed;
  }

  before(): void {
    this.#before = this.#probe();
  }

  after(event: SessionEvent): void {
    if (event.type === 'begin' || event.type === 'sessionCreated') {
      // What a hook makes for as long as it lives is no leak.
      this.#left = 0;
      this.#limit = this.#allowed;
      return;
    }
    this.#left += this.#probe() - this.#before;
    if (event.type === 'beforeStep' || this.#left <= this.#limit) return;
    this.#limit = this.#left * 2;
    const error = new TensorLeakError(this.#name, this.#left, event.globalStep);
    if (this.#action === 'fail') event.fail(error);
    else event.logger.warn({ err: error, globalStep: event.globalStep }, error.message);
  }
}
