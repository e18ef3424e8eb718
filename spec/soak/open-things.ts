import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What keeps this process alive. */
export const handles = (): readonly string[] => process.getActiveResourcesInfo().sort();

/** What each open descriptor is of, by its kind; empty where there is no /proc. */
export function openFiles(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .flatMap((file) => {
      try {
        return [readlinkSync(`/proc/self/fd/${file}`).replace(/:\[\d+\]$/, '')];
      } catch {
        // That of the listing itself.
        return [];
      }
    })
    .sort();
}

/** Resolves when everything that ends has ended: when it is as it was, or after a while. */
export async function settled(expected?: readonly string[], files: readonly string[] = []): Promise<void> {
  for (let wait = 0; wait < 100; wait++) {
    await sleep(20);
    if (expected !== undefined && handles().join() === expected.join() && openFiles().length <= files.length) return;
    if (expected === undefined && wait > 20) return;
  }
}
