import { UnsavableStateError } from '../error/unsavable-state-error.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';

/**
 * Checks that the JSON of a state comes back as it is: `JSON.stringify` leaves out functions, makes `null` of NaN and
 * `{}` of a map, and says nothing.
 *
 * @throws UnsavableStateError naming the part and the place
 */
export function checkJson({ json }: Pick<StateSnapshot, 'json'>): void {
  const parts = isRecord(json) && isRecord(json['parts']) ? json['parts'] : { state: json };
  for (const [part, value] of Object.entries(parts)) check(value, part, '', []);
}

function check(value: unknown, part: string, path: string, above: readonly unknown[]): void {
  const fail = (found: string): never => {
    throw new UnsavableStateError(part, path === '' ? '.' : path, found);
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) fail(`${value}`);
      return;
    case 'object':
      break;
    default:
      fail(value === undefined ? 'undefined' : `a ${typeof value}`);
  }
  if (value === null) return;
  if (above.includes(value)) fail('a reference to what holds it');
  const inside = [...above, value];
  if (Array.isArray(value)) {
    // By index, for `forEach` passes over the holes.
    for (let i = 0; i < value.length; i++) check(value[i], part, `${path}[${i}]`, inside);
    return;
  }
  if (!isRecord(value)) fail(`a ${(value as object).constructor?.name ?? 'class instance'}`);
  for (const [key, field] of Object.entries(value as object)) {
    // A field that is undefined is one that is not there, before and after.
    if (field !== undefined)
      check(field, part, /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, inside);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
