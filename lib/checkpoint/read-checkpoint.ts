import { map, type Observable } from 'rxjs';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../error/unsupported-data-error.js';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore, OpenedCheckpoint } from '../store/checkpoint-store.js';
import { RECORD_SUFFIX, readRecord } from './checkpoint-record.js';
import { checkFormats } from './format/check-formats.js';
import type { CheckpointFormat, CheckpointReader } from './format/checkpoint-format.js';
import { safetensors } from './format/safetensors.js';
import { tensorBundle } from './format/tensor-bundle.js';

/** The formats that are tried if none is named. */
export const DEFAULT_FORMATS: readonly CheckpointFormat[] = [tensorBundle(), safetensors()];

/** An open checkpoint; to be closed by whoever opened it. */
export interface ReadableCheckpoint extends CheckpointReader {
  readonly prefix: string;
  close(): void;
}

/**
 * Opens a checkpoint for reading, whatever its format.
 *
 * @throws CheckpointNotFoundError, CorruptDataError, UnsupportedDataError
 */
export function readCheckpoint(
  store: CheckpointStore,
  prefix: string,
  formats: readonly CheckpointFormat[] = DEFAULT_FORMATS,
): Observable<ReadableCheckpoint> {
  checkStore('readCheckpoint(store)', store);
  checkFormats('readCheckpoint(formats)', formats);
  return store.open(prefix).pipe(map((opened) => openWith(formats, opened, store)));
}

function openWith(
  formats: readonly CheckpointFormat[],
  opened: OpenedCheckpoint,
  { crc32c, location }: Pick<CheckpointStore, 'crc32c' | 'location'>,
): ReadableCheckpoint {
  try {
    const suffixes = new Set(opened.files.keys());
    const format = formats.find((candidate) => candidate.recognises(suffixes));
    if (format === undefined) {
      if (isHalfThere(formats, opened)) throw new CheckpointNotFoundError(opened.prefix, location);
      const found = [...suffixes].sort().join(', ');
      throw new UnsupportedDataError('checkpoint', opened.prefix, `no known format has the files ${found}`);
    }
    const reader = format.open(opened, crc32c);
    return {
      prefix: opened.prefix,
      record: reader.record,
      get entries() {
        return reader.entries;
      },
      read: (name) => reader.read(name),
      snapshot: () => reader.snapshot(),
      verify: () => reader.verify(),
      close: () => opened.close(),
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

/**
 * Whether these are the files of a checkpoint of ours that is being deleted, or was never finished: its marker, without
 * which it does not exist, is not among them.
 */
function isHalfThere(formats: readonly CheckpointFormat[], { files }: OpenedCheckpoint): boolean {
  const file = [...files].find(([suffix]) => suffix.endsWith(RECORD_SUFFIX))?.[1];
  if (file === undefined) return false;
  try {
    const { format } = readRecord(file);
    const marker = [...formats, ...DEFAULT_FORMATS].find(({ name }) => name === format)?.marker;
    return marker !== undefined && !files.has(marker);
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
}
