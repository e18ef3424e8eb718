import { statSync } from 'node:fs';

/** Whether a folder is at a path; not so if nothing can be there, e.g. for the length of its name. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
