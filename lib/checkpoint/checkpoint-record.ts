// The side file of a checkpoint, `<prefix>.tidemark.json`: what is known of a checkpoint besides its state. One object of
// compact JSON and a line break:
//
//     {"version":1,"globalStep":500,"savedAt":1795176857.82,"parent":"model.ckpt-400","metrics":{"loss":0.25},
//      "format":"tensor-bundle","files":[{"suffix":".data-00000-of-00001","sizeBytes":60}],"crc32c":3045968762}
//
// Numbers that JSON does not know are the texts "NaN", "Infinity" and "-Infinity". `crc32c` is the plain CRC-32C of the
// text before `,"crc32c"`, so that a flipped bit shows.

import { CorruptDataError } from '../error/corrupt-data-error.js';
import { crc32c } from '../format/crc32c.js';
import type { Checkpoint } from './checkpoint.js';

export const RECORD_SUFFIX = '.tidemark.json';

const FORMAT = 'checkpoint record';
const MAX_RECORD_BYTES = 1 << 20;
const CHECKSUM_KEY = ',"crc32c":';

/** A file of a checkpoint as its record knows it. */
export interface RecordedFile {
  readonly suffix: string;
  readonly sizeBytes: number;
  /** The plain CRC-32C of the whole file, where the format has no checksums of its own. */
  readonly crc32c?: number | undefined;
}

/** What a record says. */
export interface CheckpointRecord extends Omit<Checkpoint, 'prefix' | 'sizeBytes'> {
  readonly format: string;
  readonly files: readonly RecordedFile[];
}

/** The bytes of a record; the same record gives the same bytes. */
export function encodeRecord(record: CheckpointRecord): Uint8Array {
  const { globalStep, savedAt, parent, metrics, format, files } = record;
  const body = JSON.stringify({
    version: 1,
    globalStep,
    savedAt,
    ...(parent === undefined ? {} : { parent }),
    metrics: Object.fromEntries(
      [...metrics].map(([name, value]) => [name, Number.isFinite(value) ? value : `${value}`]),
    ),
    format,
    files,
  });
  const text = body.slice(0, -1);
  return new TextEncoder().encode(`${text}${CHECKSUM_KEY}${crc32c(new TextEncoder().encode(text))}}\n`);
}

/**
 * Reads a record.
 *
 * @param where the file, for error texts
 * @throws CorruptDataError if it is none, is damaged, or is of a newer version
 */
export function decodeRecord(bytes: Uint8Array, where: string): CheckpointRecord {
  const fail = (fault: string, cause?: unknown): never => {
    throw new CorruptDataError(FORMAT, where, fault, { cause });
  };
  if (bytes.length > MAX_RECORD_BYTES) fail(`${bytes.length} bytes are over ${MAX_RECORD_BYTES}`);
  let text = '';
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    fail('not JSON', error);
  }
  const body = text.slice(0, text.lastIndexOf(CHECKSUM_KEY));
  const record = new Fields(value, fail);
  if (record.number('crc32c') !== crc32c(new TextEncoder().encode(body))) fail('checksum mismatch');
  if (record.number('version') !== 1) fail(`version ${record.number('version')} is not 1`);
  return {
    globalStep: record.count('globalStep'),
    savedAt: record.number('savedAt'),
    parent: record.optionalText('parent'),
    metrics: new Map(Object.entries(record.object('metrics')).map(([name, metric]) => [name, metricOf(metric, fail)])),
    format: record.text('format'),
    files: record.list('files').map((file) => {
      const fields = new Fields(file, fail);
      return {
        suffix: fields.text('suffix'),
        sizeBytes: fields.count('sizeBytes'),
        ...(fields.has('crc32c') ? { crc32c: fields.count('crc32c') } : {}),
      };
    }),
  };
}

type Fail = (fault: string) => never;

/** The fields of an object out of a file: nothing about it is believed before it is looked at. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #fail: Fail;

  constructor(value: unknown, fail: Fail) {
    this.#fail = fail;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('not an object');
    this.#fields = new Map(Object.entries(value as object));
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  number(key: string): number {
    const value = this.#fields.get(key);
    return typeof value === 'number' ? value : this.#fail(`${key} is not a number`);
  }

  count(key: string): number {
    const value = this.number(key);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.#fail(`${key} is not a whole number from 0`);
  }

  text(key: string): string {
    const value = this.#fields.get(key);
    return typeof value === 'string' ? value : this.#fail(`${key} is not a text`);
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  object(key: string): object {
    const value = this.#fields.get(key);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : this.#fail(`${key} is not an object`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#fields.get(key);
    return Array.isArray(value) ? value : this.#fail(`${key} is not a list`);
  }
}

function metricOf(value: unknown, fail: Fail): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return fail('a metric is not a number');
}
