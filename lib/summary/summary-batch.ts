import type { SummaryValue } from '../format/event/summary-value.js';
import { checkTag } from '../format/event/value/value-options.js';
import type { SummaryBatch } from './summary-sink.js';

/** What may be given to be drawn: numbers by tag, or values made by `scalarValue`, `histogramValue` and the others. */
export type SummaryInput =
  | Readonly<Record<string, number>>
  | ReadonlyMap<string, number>
  | Iterable<SummaryValue>
  | undefined;

/**
 * Puts together what is drawn at one step, and checks it.
 *
 * @param place for the error text, e.g. `summarySaver(values)`
 * @throws TypeError for anything but numbers by tag and summary values
 * @throws RangeError for an empty tag, or one that comes twice: TensorBoard would show only the last of them
 */
export function summaryBatch(place: string, inputs: readonly SummaryInput[]): SummaryBatch {
  const scalars = new Map<string, number>();
  const values: SummaryValue[] = [];
  const tags = new Set<string>();
  const take = (tag: string): void => {
    checkTag(place, tag);
    if (tags.has(tag)) throw new RangeError(`${place}: expected each tag once a step, received "${tag}" twice`);
    tags.add(tag);
  };
  for (const input of inputs) {
    if (input === undefined) continue;
    if (typeof input !== 'object' || input === null) {
      throw new TypeError(`${place}: expected numbers by tag or summary values, received ${describe(input)}`);
    }
    if (Symbol.iterator in input && !(input instanceof Map)) {
      for (const value of input as Iterable<SummaryValue>) {
        if (typeof value !== 'object' || value === null || typeof value.tag !== 'string') {
          throw new TypeError(`${place}: expected summary values, received ${describe(value)}`);
        }
        take(value.tag);
        values.push(value);
      }
      continue;
    }
    for (const [tag, value] of input instanceof Map ? input : Object.entries(input)) {
      if (typeof value !== 'number') {
        throw new TypeError(`${place}: expected a number under "${String(tag)}", received ${describe(value)}`);
      }
      take(tag);
      scalars.set(tag, value);
    }
  }
  return { scalars, values };
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
