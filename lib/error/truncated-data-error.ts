import { CorruptDataError } from './corrupt-data-error.js';

/** Thrown when data ends before what it announced: a file that is still being written, or that was cut. */
export class TruncatedDataError extends CorruptDataError {
  override readonly code: string = 'TRUNCATED_DATA';
}
