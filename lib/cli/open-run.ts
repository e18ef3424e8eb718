import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Io } from './io.js';
import { printable } from './printable.js';

/** The folder of a run, by its path or by its name below `runs`; says so if there is none. */
export function openRun(io: Io, path: string): string | undefined {
  for (const each of [path, `runs/${path}`]) {
    const folder = resolve(io.cwd, each);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  }
  io.err(`error  there is no run ${printable(path)}, neither here nor in runs\n`);
  return undefined;
}
