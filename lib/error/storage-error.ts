import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** What can be wrong with the place where bytes lie. */
export const storageFaults = [
  'NO_SPACE',
  'READ_ONLY',
  'PERMISSION',
  'TOO_MANY_OPEN_FILES',
  'FOLDER_GONE',
  'NOT_A_FOLDER',
  'TOO_LARGE',
  'IO',
] as const;

export type StorageFault = (typeof storageFaults)[number];

/**
 * Thrown when a store's operation fails for a reason that lies in the storage. What was valid before still is; the
 * same operation may succeed once the reason is gone.
 */
export class StorageError extends CodedError {
  readonly code: `STORAGE_${StorageFault}`;

  /**
   * @param fault the kind, which also ends the `code`
   * @param path the file or folder
   * @param errno the system's name of the error, e.g. `ENOSPC`; `undefined` if the system reported none
   */
  constructor(
    readonly fault: StorageFault,
    readonly path: string,
    readonly errno: string | undefined,
    message: string,
    options?: CodedErrorOptions,
  ) {
    super(message, options);
    this.code = `STORAGE_${fault}`;
  }
}
