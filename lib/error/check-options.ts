import { closestName } from './closest-name.js';
import { describeReceived } from './describe-received.js';

/** All names of the options `T`: the compiler refuses a list that lacks one, or has one too many. */
export type OptionNames<T> = { readonly [Name in T extends unknown ? keyof T : never]: true };

/**
 * Checks that options are an object and have no name but the known ones: a misspelt option must not be taken for one
 * that is left out.
 *
 * @param where the function and its parameter, e.g. `storeSaver(options)`
 * @throws TypeError for anything but an object of options, and for a name that is unknown
 */
export function checkOptions(where: string, options: unknown, known: Readonly<Record<string, true>>): void {
  // Of arrays, functions, maps and promises, this says something else.
  if (Object.prototype.toString.call(options) !== '[object Object]') {
    throw new TypeError(`${where}: expected an object of options, received ${describeReceived(options)}`);
  }
  for (const name of Object.keys(options as object)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(where, name, Object.keys(known));
  }
}

function unknownOption(where: string, name: string, known: readonly string[]): TypeError {
  const near = closestName(name, known);
  const expected = near === undefined ? `expected ${known.join(', ')}` : `did you mean "${near}"?`;
  return new TypeError(`${where}: unknown option ${describeReceived(name)}; ${expected}`);
}
