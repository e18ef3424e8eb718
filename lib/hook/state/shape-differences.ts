import { dtypeOfArray, isPlainObject } from './storable.js';

/**
 * How `found` differs in shape from `expected`, one sentence each; nothing if it could be a later value of the same
 * state:
 *
 * - `null` and `undefined` in `expected` stand for what is not known yet: anything may be there
 * - records have the same fields
 * - lists and maps may grow and shrink: an item looks like the one at its place in `expected` or, where there is none (in a
 *   list, if the lengths differ), like the first one
 * - arrays of numbers are of the same class, and of the same length unless that was 0
 * - everything else is of the same type
 */
export function shapeDifferences(expected: unknown, found: unknown, place = 'it'): readonly string[] {
  if (expected === null || expected === undefined) return [];
  const [want, have] = [kindOf(expected), kindOf(found)];
  if (want !== have) return [`${place} is ${have}, expected ${want}`];
  if (typeof expected !== 'object' || typeof found !== 'object' || found === null) return [];
  if (expected instanceof Map && found instanceof Map) {
    const [first] = expected.values();
    return [...found].flatMap(([name, item]) =>
      shapeDifferences(expected.has(name) ? expected.get(name) : first, item, `${place}.${name}`),
    );
  }
  if (Array.isArray(expected) && Array.isArray(found)) {
    const isTuple = found.length === expected.length;
    return found.flatMap((item, i) => shapeDifferences(expected[isTuple ? i : 0], item, `${place}[${i}]`));
  }
  if (ArrayBuffer.isView(expected) && ArrayBuffer.isView(found)) {
    const isFree = expected.byteLength === 0 || expected.byteLength === found.byteLength;
    return isFree ? [] : [`${place} has ${found.byteLength} bytes, expected ${expected.byteLength}`];
  }
  return recordDifferences(expected as Fields, found as Fields, place);
}

type Fields = Readonly<Record<string, unknown>>;

function recordDifferences(expected: Fields, found: Fields, place: string): readonly string[] {
  const inner = Object.entries(expected).flatMap(([name, field]) => {
    if (Object.hasOwn(found, name)) return shapeDifferences(field, found[name], `${place}.${name}`);
    return field === undefined ? [] : [`${place}.${name} is missing`];
  });
  const extra = Object.keys(found).filter((name) => !Object.hasOwn(expected, name));
  return [...inner, ...extra.map((name) => `${place}.${name} is not expected`)];
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a map';
  const dtype = dtypeOfArray(value);
  if (dtype !== undefined) return `an array of ${dtype}`;
  return isPlainObject(value) ? 'a record' : `a ${value.constructor?.name ?? 'class instance'}`;
}
