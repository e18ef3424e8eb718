import type { Io } from '../../lib/cli/io.js';
import { runCli } from '../../lib/cli/run-cli.js';

/** What a command said and how it ended. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process. */
export function tidemark(cwd: string, ...args: readonly string[]): Promise<CliResult> {
  return tidemarkWith({}, cwd, ...args);
}

/** The same, with more of a world. */
export async function tidemarkWith(world: Partial<Io>, cwd: string, ...args: readonly string[]): Promise<CliResult> {
  let out = '';
  let err = '';
  const exitCode = await runCli(args, {
    ...world,
    cwd,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { exitCode, out, err };
}
