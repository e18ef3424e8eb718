import type { SummaryValue } from '../../format/event/summary-value.js';
import { scalarValue } from '../../format/event/value/scalar-value.js';
import type { SummarySource } from './summary-source.js';

/**
 * Draws fetches: a number under the fetch's name; a summary value, or several, as they are.
 *
 * @throws TypeError if there is no name, or one is none; when the saver fires, if a fetch has another value
 */
export function fetchedValues(names: readonly string[]): SummarySource {
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw new TypeError(`summarySaver(fetches): expected names of fetches, received ${JSON.stringify(names)}`);
  }
  return {
    fetches: names,
    values: (step) => names.flatMap((name) => valuesOf(name, step.fetch(name))),
  };
}

function valuesOf(name: string, value: unknown): readonly SummaryValue[] {
  if (typeof value === 'number') return [scalarValue(name, value)];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => {
    if (isSummaryValue(one)) return one;
    throw new TypeError(`summarySaver(fetches): expected a number or summary values, "${name}" is a ${typeof value}`);
  });
}

function isSummaryValue(value: unknown): value is SummaryValue {
  return typeof value === 'object' && value !== null && 'tag' in value && typeof value.tag === 'string';
}
