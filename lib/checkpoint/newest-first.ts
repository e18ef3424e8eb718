import type { FoundCheckpoint } from './find-checkpoints.js';

/**
 * The order in which checkpoints are tried. One with a later step than the state file's counts only if it was made from
 * that one: anything else is of another future.
 *
 * @param found oldest first
 * @param latest the prefix that the state file names
 */
export function newestFirst(found: readonly FoundCheckpoint[], latest: string | undefined): readonly FoundCheckpoint[] {
  const ordered = [...found].reverse();
  const listed = found.find(({ prefix }) => prefix === latest);
  if (listed === undefined) return ordered;
  return ordered
    .filter((checkpoint) => checkpoint.globalStep <= listed.globalStep || descends(checkpoint, listed, found))
    .sort((a, b) => b.globalStep - a.globalStep || Number(b === listed) - Number(a === listed));
}

function descends(checkpoint: FoundCheckpoint, from: FoundCheckpoint, found: readonly FoundCheckpoint[]): boolean {
  const byPrefix = new Map(found.map((other) => [other.prefix, other]));
  const seen = new Set<string>();
  for (let next: FoundCheckpoint | undefined = checkpoint; next !== undefined && !seen.has(next.prefix); ) {
    if (next.prefix === from.prefix) return true;
    seen.add(next.prefix);
    next = next.parent === undefined ? undefined : byPrefix.get(next.parent);
  }
  return false;
}
