import type { FileSystem } from '../file-system.js';
import type { ProcessTable } from '../lock/process-table.js';
import { judge } from '../lock/writer-mark.js';
import { writerOfAttempt } from './attempt-name.js';

/**
 * Unlinks the half-written files of writers that are known to be dead: never a live writer's, never one of a machine
 * that cannot be asked, never a file of any other name.
 *
 * Files that an attempt had already given their final name when it died stay: without a marker no reader sees them,
 * the next write of that prefix replaces them, and nothing proves that nobody else put them there.
 *
 * @returns the names that are gone now
 */
export function sweepAttempts(fs: FileSystem, processes: ProcessTable, folder: string): readonly string[] {
  const swept: string[] = [];
  for (const name of fs.readdir(folder)) {
    const mark = writerOfAttempt(name);
    if (mark === undefined || judge(mark, processes) !== 'dead') continue;
    try {
      fs.unlink(`${folder}/${name}`);
      swept.push(name);
    } catch {
      // It only takes space, and a folder that cannot be written to fails the first save with its reason.
    }
  }
  return swept;
}
