import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closestName } from '../node.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { printable } from './printable.js';
import { RUNS } from './runs-folder.js';
import { UsageError } from './usage-error.js';

/**
 * The folder of a run, by its path or by its name below `runs`.
 *
 * @param command what is done with it, for the message, e.g. `show`
 * @throws UsageError if there is none
 */
export function openRun(io: Io, which: string, command: string): string {
  const folder = [resolve(io.cwd, which), join(io.cwd, RUNS, which)].find(isFolder);
  if (folder === undefined) throw noSuchRun(io, which, command);
  return folder;
}

/** Says that a run is not there, and which one may have been meant. */
export function noSuchRun({ cwd }: Pick<Io, 'cwd'>, which: string, command: string): UsageError {
  const runs = join(cwd, RUNS);
  const near = closestName(which, existsSync(runs) ? readdirSync(runs) : []);
  return new UsageError(
    `there is no run ${printable(which)}, neither here nor in ${RUNS}`,
    near === undefined
      ? 'tidemark ls  lists the runs here'
      : `did you mean "${printable(near)}"?  tidemark ${command} ${printable(near)}`,
  );
}
