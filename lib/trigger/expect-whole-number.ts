/**
 * Checks an argument.
 *
 * @param where the function and its argument, e.g. `everySteps(steps)`
 * @throws RangeError unless `value` is a whole number from `least`
 */
export function expectWholeNumber(where: string, value: number, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  const received = typeof value === 'number' ? value : `${typeof value} ${String(value)}`;
  throw new RangeError(`${where}: expected a whole number from ${least}, received ${received}`);
}
