import { describeReceived } from '../error/describe-received.js';

/**
 * Checks arguments that are to be triggers.
 *
 * @param where the function and its argument, e.g. `anyOf(triggers)`
 * @throws TypeError if one is no function; such as a trigger's options, or the call that makes it forgotten
 * @throws RangeError if there is none
 */
export function expectTriggers(where: string, triggers: readonly unknown[]): void {
  if (triggers.length === 0) throw new RangeError(`${where}: expected at least one trigger, received none`);
  for (const trigger of triggers) {
    if (typeof trigger !== 'function') {
      throw new TypeError(
        `${where}: expected a trigger, which is an operator over steps, received ${describeReceived(trigger)}`,
      );
    }
  }
}
