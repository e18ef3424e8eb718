import { describeReceived } from '../error/describe-received.js';

/**
 * Checks an argument.
 *
 * @param where the function and its argument, e.g. `everySteps(steps)`
 * @throws RangeError unless `value` is a whole number from `least`
 */
export function expectWholeNumber(where: string, value: number, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${where}: expected a whole number from ${least}, received ${describeReceived(value)}`);
}
