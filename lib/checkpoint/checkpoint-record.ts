// The side file of a checkpoint, `<prefix>.tidemark.json`: what is known of a checkpoint besides its state. One object of
// compact JSON and a line break:
//
//     {"version":1,"globalStep":500,"savedAt":1795176857.82,"parent":"model.ckpt-400","metrics":{"loss":0.25},
//      "format":"tensor-bundle","files":[{"suffix":".data-00000-of-00001","sizeBytes":60}],"crc32c":3045968762}
//
// Metrics that JSON does not know are the texts "NaN", "Infinity", "-Infinity" and "-0". `crc32c` is the plain CRC-32C of
// the text before `,"crc32c"`, so that a flipped bit shows.
//
// See docs/formats/checkpoint-record.md.

import { CorruptDataError } from '../error/corrupt-data-error.js';
import { crc32c } from '../format/crc32c.js';
import type { StoredBytes } from '../store/checkpoint-store.js';
import type { Checkpoint } from './checkpoint.js';
import { decodeChecksums, encodeChecksums } from './checksum-list.js';

export const RECORD_SUFFIX = '.tidemark.json';

const FORMAT = 'checkpoint record';
/** Enough for the checksums of a million tensors. */
const MAX_RECORD_BYTES = 8 << 20;
const CHECKSUM_KEY = ',"crc32c":';
/** What may follow the text that the checksum is of: nothing that says more. */
const CHECKSUM_TAIL = /,"crc32c":(\d{1,10})\}\n?$/;
const UNJSON_NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** A file of a checkpoint as its record knows it. */
export interface RecordedFile {
  readonly suffix: string;
  readonly sizeBytes: number;
  /**
   * The plain CRC-32C of each of its parts in order, which cover it whole, where the format has no checksums of its own:
   * of the header, then of each tensor.
   */
  readonly partCrc32c?: readonly number[] | undefined;
}

/** What a record says. */
export interface CheckpointRecord extends Omit<Checkpoint, 'prefix' | 'sizeBytes'> {
  readonly format: string;
  readonly files: readonly RecordedFile[];
}

/**
 * The bytes of a record; the same record gives the same bytes.
 *
 * @throws RangeError if they are more than are ever read again (8 MiB): the metrics or the tensors are too many
 */
export function encodeRecord(record: CheckpointRecord): Uint8Array {
  const { globalStep, savedAt, parent, metrics, format, files } = record;
  const body = JSON.stringify({
    version: 1,
    globalStep,
    savedAt,
    ...(parent === undefined ? {} : { parent }),
    metrics: Object.fromEntries([...metrics].map(([name, value]) => [name, jsonOf(value)])),
    format,
    files: files.map(({ suffix, sizeBytes, partCrc32c }) => ({
      suffix,
      sizeBytes,
      ...(partCrc32c === undefined ? {} : { partCrc32c: encodeChecksums(partCrc32c) }),
    })),
  });
  const text = body.slice(0, -1);
  const bytes = new TextEncoder().encode(`${text}${CHECKSUM_KEY}${crc32c(new TextEncoder().encode(text))}}\n`);
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new RangeError(
      `encodeRecord(record): expected at most ${MAX_RECORD_BYTES} bytes, received ${bytes.length} with ${metrics.size} metrics`,
    );
  }
  return bytes;
}

function jsonOf(metric: number): number | string {
  if (Object.is(metric, -0)) return '-0';
  return Number.isFinite(metric) ? metric : `${metric}`;
}

/**
 * Reads a record out of its file.
 *
 * @throws as {@link decodeRecord} does; StorageError
 */
export function readRecord(file: StoredBytes): CheckpointRecord {
  // One byte more than a record can have tells enough of a huge file.
  return decodeRecord(file.read(0, Math.min(file.sizeBytes, MAX_RECORD_BYTES + 1)), file.name);
}

/**
 * Reads a record.
 *
 * @param where the file, for error texts
 * @throws CorruptDataError if it is none, is damaged, or is of a newer version
 */
export function decodeRecord(bytes: Uint8Array, where: string): CheckpointRecord {
  const fail = (fault: string, cause?: unknown): never => {
    throw new CorruptDataError(FORMAT, where, fault, cause === undefined ? {} : { cause });
  };
  if (bytes.length > MAX_RECORD_BYTES) fail(`over ${MAX_RECORD_BYTES} bytes`);
  let text = '';
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    fail('not JSON', error);
  }
  const tail = CHECKSUM_TAIL.exec(text) ?? fail('no checksum at its end');
  if (Number(tail[1]) !== crc32c(new TextEncoder().encode(text.slice(0, tail.index)))) fail('checksum mismatch');
  const record = new Fields(value, fail);
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
        ...(fields.has('partCrc32c') ? { partCrc32c: fields.checksums('partCrc32c') } : {}),
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

  checksums(key: string): readonly number[] {
    return decodeChecksums(this.text(key)) ?? this.#fail(`${key} is not a list of checksums`);
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
  return UNJSON_NUMBERS.get(value) ?? fail('a metric is not a number');
}
