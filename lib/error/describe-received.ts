const LONGEST_TEXT = 60;

/**
 * A wrong argument, in a few words: texts in quotes, numbers as they are, and of all else its kind only, for its content
 * can be long, and secret.
 */
export function describeReceived(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return isClass(value) ? `the class ${value.name}` : 'a function';
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

/** Whether it is declared as a class: one that is passed where a function is called fails only when it is called. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function describeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const name: unknown = prototype === null ? undefined : value.constructor?.name;
  const kind = typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'object';
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind === 'Array' ? 'array' : kind}`;
}
