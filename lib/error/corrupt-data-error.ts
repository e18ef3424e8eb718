import { CodedError, type CodedErrorOptions } from './coded-error.js';

/**
 * Thrown by a decoder when bytes do not follow their format. Reading them again will not help. Data that ends too
 * early is a {@link TruncatedDataError}.
 */
export class CorruptDataError extends CodedError {
  readonly code: string = 'CORRUPT_DATA';

  /**
   * @param format the expected format, as in `docs/formats/`, e.g. `tensor-bundle`
   * @param where the file and, where known, the tensor or the byte, e.g. `m.index, entry "w"` or `byte 80`
   * @param fault which check failed, in lower case, e.g. `block checksum mismatch`
   */
  constructor(
    readonly format: string,
    readonly where: string,
    readonly fault: string,
    options?: CodedErrorOptions,
  ) {
    super(`${format}: ${fault} (${where})`, options);
  }
}
