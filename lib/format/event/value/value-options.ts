import { checkWellFormed } from '../check-well-formed.js';
import type { SummaryMetadata, SummaryValue } from '../summary-value.js';

export interface ValueOptions {
  /** The title in place of the tag; default: none. */
  readonly displayName?: string | undefined;
  /** Markdown, shown beside the title; default: none. */
  readonly description?: string | undefined;
}

const NOTHING = new Uint8Array(0);

/**
 * The metadata that TensorFlow 2 writes with each value of a plugin: the data class is left to the reader.
 *
 * @param content the plugin's own data; content that the plugin cannot parse takes TensorBoard's whole dashboard down
 */
export function pluginMetadata(
  pluginName: string,
  { displayName = '', description = '' }: ValueOptions = {},
  content: Uint8Array = NOTHING,
): SummaryMetadata {
  return {
    pluginName: checkWellFormed('pluginName', pluginName),
    content,
    displayName: checkWellFormed('displayName', displayName),
    description: checkWellFormed('description', description),
    dataClass: 'unknown',
  };
}

/**
 * Checks a tag at the door.
 *
 * @param place the function, for the error text
 * @throws TypeError if it is no well-formed string
 * @throws RangeError if it is empty
 */
export function checkTag(place: string, tag: SummaryValue['tag']): string {
  checkWellFormed(`${place}(tag)`, tag);
  if (tag === '') throw new RangeError(`${place}(tag): expected a tag, received an empty string`);
  return tag;
}
