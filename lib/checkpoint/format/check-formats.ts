import { checkMethods } from '../../error/check-methods.js';
import { describeReceived } from '../../error/describe-received.js';

/** @throws TypeError naming `where` for what is no list, or if one of them is no format, such as the name of one */
export function checkFormats(where: string, formats: unknown): void {
  if (!Array.isArray(formats)) {
    throw new TypeError(`${where}: expected a list of formats, received ${describeReceived(formats)}`);
  }
  for (const format of formats) checkFormat(where, format);
}

/** @throws TypeError naming `where` for what is no format */
export function checkFormat(where: string, format: unknown): void {
  checkMethods(where, 'a format, such as safetensors()', format, ['recognises', 'encode', 'open']);
}
