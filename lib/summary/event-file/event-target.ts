/** Where the bytes of event files go. */
export interface EventTarget {
  /**
   * Appends; returns how many of the bytes are there now, or `lost` if the file that they belong to cannot be gone on
   * with: then the caller begins anew at the record that was cut, and it goes into another file.
   *
   * @throws StorageError; how many bytes were taken shows at the next call
   */
  append(bytes: Uint8Array): number | 'lost';
  /** Whether what was appended is still to be found; asked now and then. */
  isThere(): boolean;
  close(): void;
}
