import type { RecordedEvent } from './recorded-event.js';

/** The line of an event, with its line break. */
export function encodeRecordedEvent(event: RecordedEvent): string {
  const version = event.kind === 'begin' ? '"v":1,' : '';
  return `{${version}${JSON.stringify(event, toJson).slice(1)}\n`;
}

/** For `JSON.stringify`: maps as objects, numbers that JSON does not know as texts, times to the microsecond. */
export function toJson(key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) return String(value);
  return key === 't' || key === 'since' || key === 'ms' ? Math.round(value * 1000) / 1000 : value;
}
