// As many digits as NumPy prints.
const DIGITS = 8;

const numerals = new Intl.NumberFormat('en-US', { maximumSignificantDigits: DIGITS, useGrouping: false });

/** A value as one reads it in a log: numbers without exponent, lists in brackets, all else as it describes itself. */
export function plainValue(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? numerals.format(value) : String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return plainList(value as unknown as Iterable<unknown>);
  return Array.isArray(value) ? plainList(value) : String(value);
}

function plainList(values: Iterable<unknown>): string {
  return `[${Array.from(values, plainValue).join(' ')}]`;
}
