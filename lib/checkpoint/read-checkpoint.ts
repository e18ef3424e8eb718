import { map, type Observable } from 'rxjs';
import { UnsupportedDataError } from '../error/unsupported-data-error.js';
import type { CheckpointStore, OpenedCheckpoint } from '../store/checkpoint-store.js';
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
  return store.open(prefix).pipe(map((opened) => openWith(formats, opened, store.crc32c)));
}

function openWith(
  formats: readonly CheckpointFormat[],
  opened: OpenedCheckpoint,
  crc32c: CheckpointStore['crc32c'],
): ReadableCheckpoint {
  try {
    const suffixes = new Set(opened.files.keys());
    const format = formats.find((candidate) => candidate.recognises(suffixes));
    if (format === undefined) {
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
