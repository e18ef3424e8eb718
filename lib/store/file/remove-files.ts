import { StorageError } from '../../error/storage-error.js';
import { suffixesOf } from '../checkpoint-name.js';
import type { FileSystem } from '../file-system.js';

/**
 * Removes checkpoints: all markers, then the folder synced once, then the rest. Without the sync in between, a power
 * cut could bring a marker back whose data is gone.
 */
export function removeFiles(
  fs: FileSystem,
  folder: string,
  prefixes: readonly string[],
  markers: readonly string[],
): void {
  const names = fs.readdir(folder);
  const doomed = prefixes.flatMap((prefix) => suffixesOf(names, prefix).map((suffix) => ({ prefix, suffix })));
  const isMarker = ({ suffix }: { suffix: string }): boolean => markers.includes(suffix);
  const unlink = ({ prefix, suffix }: { prefix: string; suffix: string }): void => {
    try {
      fs.unlink(`${folder}/${prefix}${suffix}`);
    } catch (error) {
      const isGone = error instanceof StorageError && error.errno === 'ENOENT' && error.fault !== 'FOLDER_GONE';
      if (!isGone) throw error;
    }
  };

  doomed.filter(isMarker).forEach(unlink);
  // Always, not only if a marker was there: an earlier call may have failed between the two.
  if (doomed.length > 0) fs.syncDir(folder);
  for (const file of doomed) if (!isMarker(file)) unlink(file);
}
