import { CheckpointNotFoundError } from '../../error/checkpoint-not-found-error.js';
import { suffixesOf } from '../checkpoint-name.js';
import type { FileSystem } from '../file-system.js';
import { quarantineEnding } from '../quarantine-ending.js';

/**
 * Renames a checkpoint's files to `<name>.quarantined`, or `.quarantined-2` and so on if those names are taken. Markers
 * first, then the folder synced, so that no half of it is ever visible.
 */
export function quarantineFiles(fs: FileSystem, folder: string, prefix: string, markers: readonly string[]): void {
  const names = new Set(fs.readdir(folder));
  const suffixes = suffixesOf(names, prefix);
  if (suffixes.length === 0) throw new CheckpointNotFoundError(prefix, folder);

  const ending = quarantineEnding(names, prefix, suffixes);
  const setAside = (suffix: string): void => {
    fs.rename(`${folder}/${prefix}${suffix}`, `${folder}/${prefix}${suffix}${ending}`);
  };

  suffixes.filter((suffix) => markers.includes(suffix)).forEach(setAside);
  fs.syncDir(folder);
  suffixes.filter((suffix) => !markers.includes(suffix)).forEach(setAside);
  fs.syncDir(folder);
}
