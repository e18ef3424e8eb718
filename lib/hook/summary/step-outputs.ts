import { scalarsOf } from '../scalars-of.js';
import type { SummarySource } from './summary-source.js';

/** Draws the numbers that the step returned, each under its name. */
export function stepOutputs(): SummarySource {
  return { values: ({ outputs }) => scalarsOf(outputs) };
}
