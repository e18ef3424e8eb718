import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { Json } from '../../tensor/json.js';

/** Stands for -0 until all else is text. As a lone surrogate, it is nothing that a text holds by chance. */
const MINUS_ZERO = '\uDC00 tidemark: minus zero';

/** The name under which the JSON of a state lies among its tensors, or in the metadata of a file that has no texts. */
export const STATE_JSON = '_tidemark/state';

const MAX_STATE_JSON_BYTES = 256 * 1024 * 1024;

/**
 * Compact, with the keys in the order in which they were set: the same state gives the same bytes, and the bytes the
 * same state, -0 too.
 *
 * @throws RangeError if it is larger than what is ever read again (256 MiB)
 */
export function encodeStateJson(json: Json): string {
  // JSON has a -0, but `JSON.stringify` makes 0 of it.
  const text = JSON.stringify(json, (_, value: Json) => (Object.is(value, -0) ? MINUS_ZERO : value)).replaceAll(
    JSON.stringify(MINUS_ZERO),
    '-0',
  );
  // No UTF-16 unit takes less than a byte of UTF-8.
  const sizeBytes = text.length > MAX_STATE_JSON_BYTES / 3 ? new TextEncoder().encode(text).length : text.length;
  if (sizeBytes > MAX_STATE_JSON_BYTES) {
    throw new RangeError(`save(state): expected at most ${MAX_STATE_JSON_BYTES} bytes of JSON, received ${sizeBytes}`);
  }
  return text;
}

/**
 * Reads the JSON of a state.
 *
 * @throws CorruptDataError if it is none
 */
export function decodeStateJson(bytes: Uint8Array, where: string): Json {
  if (bytes.length > MAX_STATE_JSON_BYTES) {
    throw new CorruptDataError('state', where, `${bytes.length} bytes of JSON are over ${MAX_STATE_JSON_BYTES}`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (cause) {
    throw new CorruptDataError('state', where, `${STATE_JSON} is not JSON`, { cause });
  }
}
