import { map, type Observable } from 'rxjs';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import { checkFormats } from './format/check-formats.js';
import type { CheckpointFormat, VerifiedTensor } from './format/checkpoint-format.js';
import { DEFAULT_FORMATS, readCheckpoint } from './read-checkpoint.js';

/** What reading all of a checkpoint has shown. */
export interface CheckpointReport {
  readonly prefix: string;
  /** Every tensor in the order of the checkpoint, with what is wrong with it, if anything is. */
  readonly tensors: readonly VerifiedTensor[];
  /** What is wrong, of tensors and of the checkpoint as a whole; empty if all is well. */
  readonly faults: readonly VerifiedTensor[];
  readonly isValid: boolean;
}

/**
 * Reads every byte of a checkpoint and compares every checksum. What is damaged is told in the report and not thrown,
 * so that one bad tensor does not hide the others.
 *
 * @throws CheckpointNotFoundError if there is none of that prefix
 * @throws CorruptDataError, TruncatedDataError, UnsupportedDataError if it cannot even be opened
 */
export function verifyCheckpoint(
  store: CheckpointStore,
  prefix: string,
  formats: readonly CheckpointFormat[] = DEFAULT_FORMATS,
): Observable<CheckpointReport> {
  checkStore('verifyCheckpoint(store)', store);
  checkFormats('verifyCheckpoint(formats)', formats);
  return readCheckpoint(store, prefix, formats).pipe(
    map((checkpoint) => {
      try {
        const all = [...checkpoint.verify()];
        const faults = all.filter(({ fault }) => fault !== undefined);
        const tensors = all.filter(({ name }) => name !== undefined);
        return { prefix, tensors, faults, isValid: faults.length === 0 };
      } finally {
        checkpoint.close();
      }
    }),
  );
}
