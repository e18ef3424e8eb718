import { Command, CommanderError } from 'commander';
import { addCheckpointCommands } from './add-checkpoint-commands.js';
import { addFolderCommands } from './add-folder-commands.js';
import { addLookCommands } from './add-look-commands.js';
import { addTrainingCommands } from './add-training-commands.js';
import type { Io } from './io.js';
import { usageFault } from './usage-fault.js';
import { versionOfPackage } from './version.js';

/**
 * Runs the `tidemark` command.
 *
 * @param args without the program's name
 * @returns the exit code: 0 well, 1 a fault in the program, 2 a wrong command line, 3 a checkpoint that is missing,
 *   damaged or does not fit, 4 storage that cannot be read; those of `run` are in its help
 */
export async function runCli(args: readonly string[], world: Io): Promise<number> {
  const io: Io = { ...world, isVerbose: args.includes('--verbose') };
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('tidemark')
    .description('Runs training sessions, and looks at runs and into their checkpoints.')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(usageFault(text)),
    })
    .version(versionOfPackage(), '-V, --version', 'print the version')
    .showSuggestionAfterError();

  // Commands are loaded when they are called: help is quick.
  addTrainingCommands(program, io, finish, runCli);
  addLookCommands(program, io, finish);
  addCheckpointCommands(program, io, finish);
  addFolderCommands(program, io, finish);
  for (const command of program.commands) command.option('--verbose', 'tell errors with their stacks and causes');

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { describeError } = await import('./describe-error.js');
    const { text, exitCode: code } = describeError(error, io);
    io.err(text);
    return code;
  }
}
