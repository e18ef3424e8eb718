/** For `JSON.stringify`: numbers that JSON does not know are texts, maps are objects. */
export function jsonNumber(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
