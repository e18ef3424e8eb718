import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { BeforeStepEvent, BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { type Hook, type HookActions, type HookOutput, hook } from '../hook.js';
import { HookState, type HookStateOptions } from './hook-state.js';

/** What a stateful hook does at each event: the next state out of the last one. */
export type HookFold<A, E, Own extends HookEvent> = (state: A, event: E, output: HookOutput<Own>) => A;

export interface StatefulHookOptions<A, Own extends HookEvent = never, O = unknown> {
  /** Where checkpoints keep the state: `hook/<key>`; two hooks of one run need two keys. @default the hook's name */
  readonly key?: string | undefined;
  /** The state of a fresh run. */
  readonly initial: () => A;
  /** @see HookStateOptions.decode */
  readonly decode?: HookStateOptions<A>['decode'];
  readonly sessionCreated?: HookFold<A, SessionCreatedEvent, Own> | undefined;
  readonly beforeStep?: HookFold<A, BeforeStepEvent, Own> | undefined;
  readonly step?: HookFold<A, StepEvent<unknown, O>, Own> | undefined;
  readonly end?: HookFold<A, EndEvent, Own> | undefined;
  readonly hookEvent?: HookFold<A, HookEvent, Own> | undefined;
}

const OPTIONS: OptionNames<StatefulHookOptions<never, never, never>> = {
  key: true,
  initial: true,
  decode: true,
  sessionCreated: true,
  beforeStep: true,
  step: true,
  end: true,
  hookEvent: true,
};

/**
 * Makes a hook with a memory: a fold over the events of a run, whose state is a part of every checkpoint and comes back
 * before `sessionCreated` when the run is restored or recovers. So what it does after a restart is what it would have
 * done without one.
 *
 *     steps              -1-2-3-4-|       loss 4, 2, 3, 1
 *     state              4 4 2 2 1        step: (least, { outputs }) => Math.min(least, outputs.loss)
 *
 * The state is made of JSON values, NaN and infinities too, maps with names for keys, and arrays of numbers such as
 * `Float32Array`, which are saved as tensors. A fold may change arrays in place; anything else is replaced.
 *
 * A checkpoint without state of this hook leaves it as in a fresh run. One whose state does not fit fails the run with
 * a StateMismatchError; nothing was changed then.
 *
 * @param name for messages, and the key if none is given
 * @throws TypeError for a fold that is no function
 * @throws RangeError (at `begin`) if two hooks of a run have one key
 */
export function statefulHook<A, Own extends HookEvent = never, O = unknown>(
  name: string,
  options: StatefulHookOptions<A, Own, O>,
): Hook<Own, O> {
  checkOptions('statefulHook(options)', options, OPTIONS);
  const { key = name, initial, decode, sessionCreated, beforeStep, step, end, hookEvent } = options;
  for (const [field, fold] of Object.entries({ initial, sessionCreated, beforeStep, step, end, hookEvent })) {
    if (typeof fold !== 'function' && (fold !== undefined || field === 'initial')) {
      throw new TypeError(`statefulHook(${field}): expected a function, received ${describeReceived(fold)}`);
    }
  }
  return hook<Own, O>(name, (output) => {
    const state = new HookState({ key, initial, decode });
    const folding =
      <E>(fold: HookFold<A, E, Own>) =>
      (event: E): void => {
        state.current = fold(state.current, event, output);
      };
    const actions: HookActions<O> = {
      begin: (event: BeginEvent) => event.track(key, state),
      ...(sessionCreated && { sessionCreated: folding(sessionCreated) }),
      ...(beforeStep && { beforeStep: folding(beforeStep) }),
      ...(step && { step: folding(step) }),
      ...(end && { end: folding(end) }),
      ...(hookEvent && { hookEvent: folding(hookEvent) }),
    };
    return actions;
  });
}
