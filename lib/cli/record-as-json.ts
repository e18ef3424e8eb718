import type { RunSummary } from '../node.js';
import { jsonNumber } from './json-number.js';

/** A run as commands print it for programs: numbers that JSON does not know are texts. */
export function recordAsJson({ record, state }: RunSummary): object {
  const plain: unknown = JSON.parse(JSON.stringify(record, jsonNumber));
  return { v: 1, ...(plain as object), state };
}
