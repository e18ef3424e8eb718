/**
 * A copy of a value that can be sent to another process: objects become plain ones of their enumerable fields, functions
 * and symbols are left out. What is not an object of a user's class (arrays of numbers, maps, dates, errors) stays what
 * it is.
 */
export function sendable(value: unknown, copies = new Map<object, unknown>()): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Date) return structuredClone(value);
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    copies.set(value, copy);
    for (const [key, item] of value) copy.set(sendable(key, copies), sendable(item, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    copies.set(value, copy);
    for (const item of value) copy.add(sendable(item, copies));
    return copy;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copies.set(value, copy);
    for (const item of value) copy.push(sendable(item, copies));
    return copy;
  }
  const copy: Record<string, unknown> = {};
  copies.set(value, copy);
  if (value instanceof Error) Object.assign(copy, { name: value.name, message: value.message });
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== 'function') copy[name] = sendable(field, copies);
  }
  return copy;
}
