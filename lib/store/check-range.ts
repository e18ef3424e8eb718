/** @throws RangeError if a read would leave the file */
export function checkRange(offset: number, length: number, sizeBytes: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= sizeBytes)) {
    throw new RangeError(
      `read(offset, length): expected a range within ${sizeBytes} bytes, received ${offset}, ${length}`,
    );
  }
}
