import { describeReceived } from './describe-received.js';

/**
 * @param where the function and its parameter, e.g. `hparams(values)`
 * @param expected what it is to be, e.g. `values by name`
 * @throws TypeError for what is no object
 */
export function checkObject(where: string, expected: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new TypeError(`${where}: expected ${expected}, received ${describeReceived(value)}`);
}
