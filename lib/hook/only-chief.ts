import { describeReceived } from '../error/describe-received.js';
import type { HookEvent } from '../session/hook-event.js';
import { type Hook, hook } from './hook.js';

/**
 * Lets a hook act in the chief only. In a worker nothing is in its place, which costs nothing.
 *
 * @param isChief whether this process is the one that saves, writes summaries and initializes
 * @throws TypeError for wrong arguments
 */
export function onlyChief<Own extends HookEvent, O>(chiefHook: Hook<Own, O>, isChief: boolean): Hook<Own, O> {
  if (typeof chiefHook !== 'function') {
    throw new TypeError(`onlyChief(hook): expected a hook, received ${describeReceived(chiefHook)}`);
  }
  if (typeof isChief !== 'boolean') {
    throw new TypeError(`onlyChief(isChief): expected true or false, received ${describeReceived(isChief)}`);
  }
  return isChief ? chiefHook : hook<Own, O>('onlyChief', () => ({}));
}
