import { isWellFormed } from '../is-well-formed.js';

/**
 * Checks a string at the door, where protobuf needs UTF-8.
 *
 * @param place for the error text, e.g. `scalarValue(tag)`
 * @throws TypeError if `text` is no string or has a lone surrogate
 */
export function checkWellFormed(place: string, text: string): string {
  if (typeof text !== 'string') throw new TypeError(`${place}: expected a string, received ${typeof text}`);
  if (!isWellFormed(text)) {
    throw new TypeError(`${place}: expected well-formed text, received a lone surrogate in ${JSON.stringify(text)}`);
  }
  return text;
}
