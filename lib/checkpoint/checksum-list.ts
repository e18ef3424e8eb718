const BYTES = Uint32Array.BYTES_PER_ELEMENT;
/** What one call of `String.fromCharCode` takes as arguments without harm to the stack. */
const CALL_BYTES = 8192;

/** Checksums as text: four bytes each, little-endian, in base64. A million of them take 5 MiB. */
export function encodeChecksums(checksums: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(checksums.length * BYTES));
  for (const [i, checksum] of checksums.entries()) view.setUint32(i * BYTES, checksum, true);
  let binary = '';
  for (let at = 0; at < view.byteLength; at += CALL_BYTES) {
    const length = Math.min(CALL_BYTES, view.byteLength - at);
    binary += String.fromCharCode(...new Uint8Array(view.buffer, at, length));
  }
  return btoa(binary);
}

/** The checksums of a text; `undefined` if it is none of {@link encodeChecksums}. */
export function decodeChecksums(text: string): readonly number[] | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  // `atob` forgives spaces and missing padding; two texts for the same checksums are one too many.
  if (binary.length % BYTES !== 0 || btoa(binary) !== text) return undefined;
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let at = 0; at < binary.length; at++) view.setUint8(at, binary.charCodeAt(at));
  return Array.from({ length: binary.length / BYTES }, (_, i) => view.getUint32(i * BYTES, true));
}
