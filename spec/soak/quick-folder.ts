import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where a sync costs nothing, if there is such a place: many more saves fit into a second, and meet. */
export function quickFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}
