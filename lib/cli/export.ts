import { writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { exportHtml } from '../dashboard/index.js';
import type { Io } from './io.js';
import { openRun } from './open-run.js';
import { printable } from './printable.js';
import { sizeText } from './size-text.js';
import { UsageError } from './usage-error.js';

export interface ExportOptions {
  readonly html?: boolean | undefined;
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Writes what the dashboard shows of a run into one file that needs no server. */
export async function exportRun(path: string, { html, output, json = false }: ExportOptions, io: Io): Promise<number> {
  if (html !== true)
    throw new UsageError('export needs to know what to write', '--html  writes one page that needs no server');
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
  const file = relative(io.cwd, target) || target;
  try {
    writeFileSync(target, page);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${printable(file)} cannot be written: ${reason}`, 'another --output', { cause });
  }
  const sizeBytes = Buffer.byteLength(page);
  io.out(json ? `${JSON.stringify({ file, sizeBytes })}\n` : `${file}\n`);
  io.err(`${printable(basename(folder))}: ${sizeText(sizeBytes)}\n`);
  return 0;
}
