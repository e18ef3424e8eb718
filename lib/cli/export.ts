import { writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { exportHtml } from '../dashboard/index.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';

export interface ExportOptions {
  readonly html?: boolean | undefined;
  readonly output?: string | undefined;
}

/** Writes what the dashboard shows of a run into one file that needs no server. */
export async function exportRun(path: string, { html, output }: ExportOptions, io: Io): Promise<number> {
  if (html !== true) {
    io.err('error  export: say what to write: --html\n');
    return 2;
  }
  const folder = openRun(io, path, 'export --html');
  const target = resolve(io.cwd, output ?? `${basename(folder)}.html`);
  // The folder as its own root: nothing beside it is looked at.
  const page = await exportHtml(folder, '.', { pageFolder: io.pageFolder }).catch((error: unknown) => {
    if (error instanceof RangeError) return undefined;
    throw error;
  });
  if (page === undefined) {
    io.err(
      `error  ${printable(path)} has nothing to show\nfix    a session with runRecorder(folder), event files or checkpoints make it a run\n`,
    );
    return 3;
  }
  writeFileSync(target, page);
  io.out(`${relative(io.cwd, target) || target}\n`);
  io.err(`${printable(basename(folder))}: ${(page.length / 1000).toFixed(0)} kB\n`);
  return 0;
}
