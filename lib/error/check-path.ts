import { describeReceived } from './describe-received.js';

/**
 * @param where the function and its parameter, e.g. `fileStore(directory)`
 * @throws TypeError for what names no place in a file system
 */
export function checkPath(where: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new TypeError(`${where}: expected a path, received ${describeReceived(path)}`);
}
