const MOST_CHARACTERS = 240;
const MOST_ITEMS = 8;
const MOST_LEVELS = 4;

/** A value on one line, for people: class names, the first items of long lists, nothing that is deep inside. */
export function describeValue(value: unknown): string {
  const text = describe(value, [], MOST_LEVELS);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

function describe(value: unknown, parents: readonly object[], levels: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (parents.includes(value)) return '[cycle]';

  const inside = (item: unknown): string => describe(item, [...parents, value], levels - 1);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Date(invalid)' : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (ArrayBuffer.isView(value) && 'length' in value) {
    const items = value as unknown as ArrayLike<unknown>;
    return `${classOf(value)}(${items.length}) ${list('[', items, items.length, inside, ']')}`;
  }
  if (levels === 0) return `${classOf(value) || 'Object'} {…}`;
  if (Array.isArray(value)) return list('[', value, value.length, inside, ']');
  if (value instanceof Set) return `Set ${list('{', [...value], value.size, inside, '}')}`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const name = value instanceof Map ? 'Map ' : classOf(value) && `${classOf(value)} `;
  const separator = value instanceof Map ? ' => ' : ': ';
  const entry = ([key, item]: [unknown, unknown]): string =>
    `${typeof key === 'string' ? key : inside(key)}${separator}${inside(item)}`;
  return name + list('{', entries, entries.length, entry, '}');
}

/** The name of the class, empty for a plain object. */
function classOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return '';
  return value.constructor?.name ?? '';
}

function list<T>(open: string, items: ArrayLike<T>, size: number, text: (item: T) => string, close: string): string {
  const shown = Array.from({ length: Math.min(size, MOST_ITEMS) }, (_, i) => text(items[i] as T));
  if (size > MOST_ITEMS) shown.push(`… ${size - MOST_ITEMS} more`);
  return open + shown.join(', ') + close;
}
