import { readdirSync, rmdirSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';
import { clearRunFolder, findRunContents } from './session/clear-run-folder.js';
import { sizeText } from './size-text.js';
import { UsageError } from './usage-error.js';

/**
 * Deletes a run: its checkpoints, its record and its log, and its folder if nothing is left in it. Whatever else is
 * there stays; a run that is at work is refused.
 */
export async function rm(
  which: string,
  { dryRun = false, json = false }: { readonly dryRun?: boolean; readonly json?: boolean },
  io: Io,
): Promise<number> {
  const folder = openRun(io, which, 'rm');
  const { prefixes, files, sizeBytes } = await findRunContents(folder, 'rm');
  if (prefixes.length + files.length === 0) {
    throw new UsageError(`${printable(which)} is no run: nothing in it was written by tidemark`);
  }
  if (!dryRun) await clearRunFolder(folder, 'rm');
  const left = dryRun ? [] : readdirSync(folder).filter((name) => name !== LOCK);
  const isGone = !dryRun && readdirSync(folder).length === 0 && isBelow(io.cwd, folder);
  if (isGone) rmdirSync(folder);
  if (json) {
    io.out(`${JSON.stringify({ dryRun, folder, checkpoints: prefixes, files, sizeBytes, left })}\n`);
    return 0;
  }
  for (const name of [...prefixes, ...files]) io.out(`${printable(name)}\n`);
  const what = `${prefixes.length} checkpoints and ${files.length} files, ${sizeText(sizeBytes)}`;
  io.err(dryRun ? `${what} would be deleted; nothing was changed\n` : `${what} deleted\n`);
  if (left.length > 0) io.err(`${left.length} other files stay in ${printable(relative(io.cwd, folder) || '.')}\n`);
  return 0;
}

const LOCK = 'tidemark.lock';

/** The folder that one stands in, and those around it, are not deleted. */
function isBelow(cwd: string, folder: string): boolean {
  const path = relative(cwd, join(folder));
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}
