import { checkMethods } from '../error/check-methods.js';

/** @throws TypeError naming `where` for what is no store, such as the path of one */
export function checkStore(where: string, store: unknown): void {
  checkMethods(where, 'a store, such as fileStore(folder)', store, ['list', 'open', 'readState']);
}
