import { describeReceived } from './describe-received.js';

/**
 * Checks that an argument can do what is asked of it, whatever made it.
 *
 * @param where the function and its parameter, e.g. `latestFrom(store)`
 * @param expected what it is to be, with an example, e.g. `a store, such as fileStore(folder)`
 * @param methods the names of the methods that it must have
 * @throws TypeError if it lacks one
 */
export function checkMethods(where: string, expected: string, value: unknown, methods: readonly string[]): void {
  const having = value as Readonly<Record<string, unknown>> | null | undefined;
  if (methods.every((method) => typeof having?.[method] === 'function')) return;
  throw new TypeError(`${where}: expected ${expected}, received ${describeReceived(value)}`);
}
