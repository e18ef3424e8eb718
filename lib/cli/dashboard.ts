import { resolve } from 'node:path';
import { startDashboard } from '../dashboard/index.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { printable } from './printable.js';

export interface DashboardCommandOptions {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
}

/** Serves the dashboard until the process is told to stop. */
export async function dashboard(directory: string, options: DashboardCommandOptions, io: Io): Promise<number> {
  const root = resolve(io.cwd, directory);
  if (!isFolder(root)) {
    io.err(`error  ${printable(directory)} is not a folder\n`);
    return 2;
  }
  const port = options.port === undefined ? undefined : Number(options.port);
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535)) {
    io.err(`error  --port: expected a number from 0 to 65535, received ${printable(options.port ?? '')}\n`);
    return 2;
  }
  const { host = '127.0.0.1' } = options;
  let served: Awaited<ReturnType<typeof startDashboard>>;
  try {
    served = await startDashboard(root, { port, host, pageFolder: io.pageFolder });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    io.err(`error  port ${port} is taken\nfix    leave --port out, and the next free one is found\n`);
    return 2;
  }
  if (served.url.includes('#token=')) {
    io.err(
      `warning  the dashboard can be reached from other machines (${printable(host)}), by whoever has the token\n`,
    );
  }
  io.out(`tidemark dashboard at ${served.url}  (Ctrl-C ends it)\n`);
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
  await served.close();
  io.err('\n');
  return 0;
}
