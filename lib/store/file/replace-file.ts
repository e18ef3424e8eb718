import type { FileSystem } from '../file-system.js';
import { writeNewFile } from './write-new-file.js';

/**
 * Replaces a file atomically and durably: at every instant the old or the new one is there, whole.
 *
 * @param temporary a path in the same folder that nothing else uses
 */
export function replaceFile(fs: FileSystem, folder: string, name: string, temporary: string, bytes: Uint8Array): void {
  try {
    writeNewFile(fs, temporary, [bytes]);
    fs.rename(temporary, `${folder}/${name}`);
  } catch (error) {
    try {
      fs.unlink(temporary);
    } catch {
      // Never created, or left to the sweep of the next writer.
    }
    throw error;
  }
  fs.syncDir(folder);
}
