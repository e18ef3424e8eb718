import { checkObject } from '../error/check-object.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { HookActions } from './hook.js';

const ACTIONS: OptionNames<HookActions> = {
  begin: true,
  sessionCreated: true,
  beforeStep: true,
  step: true,
  end: true,
  hookEvent: true,
  error: true,
  complete: true,
  teardown: true,
};

/**
 * Checks what a hook is to do in a run: an action under a misspelt name would never be called. Objects of classes may
 * have methods of their own.
 *
 * @throws TypeError for a function under another name, and for what is no object
 */
export function checkActions(actions: HookActions): void {
  checkObject('hook(act)', 'it to return actions by event', actions);
  if (Object.getPrototypeOf(actions) !== Object.prototype) return;
  const functions = Object.entries(actions).filter(([, action]) => typeof action === 'function');
  checkOptions('hook(act)', Object.fromEntries(functions), ACTIONS);
}
