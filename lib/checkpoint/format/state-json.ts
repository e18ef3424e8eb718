import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { Json } from '../../tensor/json.js';

/** The name under which the JSON of a state lies among its tensors, or in the metadata of a file that has no texts. */
export const STATE_JSON = '_tidemark/state';

const MAX_STATE_JSON_BYTES = 256 * 1024 * 1024;

/** Compact, with the keys in the order in which they were set: the same state gives the same bytes. */
export function encodeStateJson(json: Json): string {
  return JSON.stringify(json);
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
