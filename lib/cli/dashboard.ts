import { resolve } from 'node:path';
import { startDashboard } from '../dashboard/index.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { openInBrowser } from './open-in-browser.js';
import { printable } from './printable.js';
import { UsageError } from './usage-error.js';

export interface DashboardCommandOptions {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly open?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Serves the dashboard until the process is told to stop. */
export async function dashboard(directory: string, options: DashboardCommandOptions, io: Io): Promise<number> {
  const root = resolve(io.cwd, directory);
  if (!isFolder(root)) throw new UsageError(`${printable(directory)} is not a folder`, 'name the folder of your runs');
  const { port, host = '127.0.0.1', open = false, json = false } = options;
  const served = await startDashboard(root, { port, host, pageFolder: io.pageFolder }).catch((error: unknown) => {
    throw usageErrorOf(error, port, host) ?? error;
  });
  if (served.url.includes('#token=')) {
    io.err(
      `warning  the dashboard can be reached from other machines (${printable(host)}), by whoever has the token\n`,
    );
  }
  if (json) io.out(`${JSON.stringify({ url: served.url, port: served.port })}\n`);
  else io.out(`tidemark dashboard at ${served.url}  (Ctrl-C ends it)\n`);
  if (open) openInBrowser(served.url, io.env ?? {});
  await new Promise<void>((ended) => {
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      ended();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  await served.close();
  io.err('\n');
  return 0;
}

function usageErrorOf(error: unknown, port: number | undefined, host: string): UsageError | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const options = { cause: error };
  if (code === 'EADDRINUSE') {
    const fix = 'leave --port out, and the next free one is found; or --port 0';
    return new UsageError(`--port ${port} is in use by another program`, fix, options);
  }
  if (code === 'EACCES') {
    return new UsageError(`--port ${port}: permission denied`, 'take one from 1024 on, or leave --port out', options);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const fix = 'an address of this machine, or leave --host out';
    return new UsageError(`--host ${printable(host)} is no address of this machine (${code})`, fix, options);
  }
  return undefined;
}
