import type { RunSummary } from '../node.js';

/** A run as commands print it for programs: numbers that JSON does not know are texts. */
export function recordAsJson({ record, state }: RunSummary): object {
  const plain: unknown = JSON.parse(
    JSON.stringify(record, (_, value) => {
      if (value instanceof Map) return Object.fromEntries(value);
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    }),
  );
  return { v: 1, ...(plain as object), state };
}
