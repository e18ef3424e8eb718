import { checkMethods } from '../error/check-methods.js';

/** @throws TypeError naming `where` for what is no source of bytes, such as the path of a file, or its bytes alone */
export function checkSource(where: string, source: unknown): void {
  checkMethods(where, 'a source of bytes, such as bytesSource(name, bytes)', source, ['read']);
}
