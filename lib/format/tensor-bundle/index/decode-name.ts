/** A call of the decoder costs more than this many letters. */
const SHORT_BYTES = 48;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A tensor's name from its key. Of a key that is not UTF-8 each byte b from 0x80 on becomes the lone surrogate
 * U+DC00 + b: different keys have different names, and no name of text equals one.
 */
export function decodeName(key: Uint8Array): string {
  const short = shortAscii(key);
  if (short !== undefined) return short;
  try {
    return decoder.decode(key);
  } catch {
    // Not an error: TensorFlow reads and writes such names.
    let name = '';
    for (const byte of key) name += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
    return name;
  }
}

function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT_BYTES) return undefined;
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
