import { describeReceived } from './describe-received.js';

/**
 * @param where the function and its parameter, e.g. `memoryStats(probe)`
 * @throws TypeError for what is no function
 */
export function checkFunction(where: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new TypeError(`${where}: expected a function, received ${describeReceived(value)}`);
}
