import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRunRecord } from '../node.js';
import type { Io } from './io.js';
import { noSuchRun } from './open-run.js';
import { printable } from './printable.js';
import { RUNS } from './runs-folder.js';
import { COMMAND_RECORD_NAME, readCommandRecord, typedCommand } from './session/command-record.js';
import { variableOf } from './session/run-options.js';
import { UsageError } from './usage-error.js';

/**
 * Runs the command again that started a run, which goes on from its newest valid checkpoint.
 *
 * @param which the run's folder, or its name below `runs`
 * @param more what is added to the command, e.g. `--set steps=4000`
 * @param runCli runs a command
 */
export async function resume(
  which: string,
  more: readonly string[],
  io: Io,
  runCli: (args: readonly string[], io: Io) => Promise<number>,
): Promise<number> {
  const dir = folderOf(which, io.cwd);
  const record = readCommandRecord(dir);
  if (record === undefined) {
    const command = readRunRecord(dir)?.record.command;
    throw new UsageError(
      `${printable(which)} was not started by \`tidemark run\`: there is no ${COMMAND_RECORD_NAME}`,
      command === undefined ? 'start it with the command that you gave then' : `its command was:  ${command}`,
    );
  }
  // The folder may have been moved since.
  const at = record.args.indexOf('--dir');
  const args = [...(at < 0 ? record.args : record.args.toSpliced(at, 2)), '--dir', dir, '--resume', 'must', ...more];
  const missing = record.withheld.filter((name) => !more.some((word) => word.startsWith(`${name}=`)));
  for (const name of missing) {
    io.err(`warning  ${printable(name)} was not written down: give it again, by --set or ${variableOf(name)}\n`);
  }
  io.err(`  again      ${typedCommand(record.args)}\n`);
  if (existsSync(record.cwd) && resolve(io.cwd) !== record.cwd) io.chdir?.(record.cwd);
  return runCli(args, { ...io, cwd: existsSync(record.cwd) ? record.cwd : io.cwd });
}

function folderOf(which: string, cwd: string): string {
  const candidates = [resolve(cwd, which), join(cwd, RUNS, which)];
  const found = candidates.find((folder) => existsSync(join(folder, COMMAND_RECORD_NAME)));
  const there = found ?? candidates.find((folder) => existsSync(folder));
  if (there !== undefined) return there;
  throw noSuchRun({ cwd }, which, 'resume');
}
