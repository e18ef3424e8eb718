import { describeReceived, isClass } from '../error/describe-received.js';

/**
 * @param where the function and its list, e.g. `monitoredTrainingSession(hooks)`
 * @throws TypeError for what is no list, or if one of them is no hook: undefined, a class, or a promise of one
 */
export function checkHooks(where: string, hooks: unknown): void {
  if (!Array.isArray(hooks)) {
    throw new TypeError(`${where}: expected a list of hooks, received ${describeReceived(hooks)}`);
  }
  for (const [i, one] of hooks.entries()) {
    if (typeof one !== 'function' || isClass(one)) {
      throw new TypeError(
        `${where}: hook ${i} is ${describeReceived(one)}, expected a function, such as nanGuard('loss')`,
      );
    }
  }
}
