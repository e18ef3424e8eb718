import type { AnyEvent } from '../../index.js';
import { scrubSecrets } from '../../node.js';

const LONGEST_TEXT = 1000;
const JSON_VERSION = 1;

/**
 * One event of a run as a line of JSON, for programs; `undefined` for `beforeStep`, which says nothing of its own.
 *
 *     {"v":1,"kind":"sessionCreated","run":"calm-otter","step":0,"attempt":1,"restored":null}
 *     {"v":1,"kind":"step","run":"calm-otter","step":1,"metrics":{"loss":0.6931}}
 *     {"v":1,"kind":"afterSave","run":"calm-otter","step":100,"seconds":0.004,"checkpoint":{"prefix":"model.ckpt-100",…}}
 *
 * Numbers that JSON does not know are texts: `"NaN"`, `"Infinity"`.
 */
export function eventLine(event: AnyEvent, run: string, now: () => string): string | undefined {
  const fields = fieldsOf(event, now);
  return fields === undefined ? undefined : jsonLine({ kind: event.type, run, ...fields });
}

/** A line of the same kind that is no event of the session. */
export function jsonLine(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ v: JSON_VERSION, ...fields }, (_, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    if (value instanceof Error) return errorOf(value);
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  })}\n`;
}

export function errorOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: scrubSecrets(String(error).slice(0, LONGEST_TEXT)) };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: scrubSecrets(error.message.slice(0, LONGEST_TEXT)),
  };
}

function fieldsOf(event: AnyEvent, now: () => string): Readonly<Record<string, unknown>> | undefined {
  if (event.type === 'beforeStep') return undefined;
  if (event.type === 'begin') return { at: now() };
  if (event.type === 'step' && 'outputs' in event) {
    return { step: event.globalStep, metrics: numbersOf(event.outputs) };
  }
  if (event.type === 'sessionCreated' && 'restored' in event) {
    const { globalStep: step, attempt, restored, error } = event;
    return {
      step,
      attempt,
      restored: restored?.prefix ?? null,
      ...(restored !== undefined && restored.skipped.length > 0
        ? { skipped: restored.skipped.map(({ prefix }) => prefix) }
        : {}),
      ...(error === undefined ? {} : { error: errorOf(error) }),
    };
  }
  if (event.type === 'end' && 'cause' in event) {
    return { step: event.globalStep, cause: event.cause, reason: event.reason ?? null };
  }
  return hookFields(event);
}

/** What a hook's event says, one level deep. */
function hookFields(event: object): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event)) {
    if (name === 'type') continue;
    if (name === 'globalStep') fields['step'] = value;
    else if (typeof value === 'function') continue;
    else fields[name] = value instanceof Error ? errorOf(value) : plain(value, 3);
  }
  return fields;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubSecrets(value.slice(0, LONGEST_TEXT));
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return { bytes: value.byteLength };
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.slice(0, 100).map((each) => plain(each, depth - 1));
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.slice(0, 100).map(([key, inner]) => [String(key), plain(inner, depth - 1)]));
}

/** The numbers that a step returned. */
export function numbersOf(outputs: unknown): ReadonlyMap<string, number> {
  if (typeof outputs !== 'object' || outputs === null) return new Map();
  return new Map(Object.entries(outputs).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
