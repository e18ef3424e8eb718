import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addFileCommands } from './add-file-commands.js';
import { addLookCommands } from './add-look-commands.js';
import { addTrainingCommands } from './add-training-commands.js';
import type { Io } from './io.js';

/**
 * Runs the `tidemark` command.
 *
 * @param args without the program's name
 * @returns the exit code: 0 well, 1 a fault in the program, 2 a wrong command line, 3 a checkpoint that is missing,
 *   damaged or does not fit, 4 storage that cannot be read
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = new Command('tidemark')
    .description('Runs training sessions, and looks into their checkpoints.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) =>
        write(
          text.replace(/^error: (?:option '(?:-\w, )?(--[\w-]+).*' argument missing)?/, (_, flag) =>
            flag === undefined ? 'error  ' : `error  ${flag} needs a value`,
          ),
        ),
    })
    .version(versionOfPackage(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('(tidemark --help lists the commands)');

  // Commands are loaded when they are called: help is quick.
  program
    .command('inspect')
    .description('list the tensors of a checkpoint, with shapes and checksums')
    .argument('<prefix>', 'the checkpoint, e.g. runs/digits/model.ckpt-400')
    .option('--json', 'print {"tensors": [{"name", "dtype", "shape", "sha256"}, …]}')
    .addHelpText('after', '\nExample:\n  tidemark inspect runs/digits/model.ckpt-400')
    .action(async (prefix: string, options: { json?: boolean }) => {
      const { inspect } = await import('./inspect.js');
      exitCode = await inspect(prefix, options, io);
    });
  program
    .command('verify')
    .description('check every checkpoint of a folder; the last line is the newest valid step, or none')
    .argument('<dir>', 'the folder')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  tidemark verify runs/digits')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { verify } = await import('./verify.js');
      exitCode = await verify(directory, options, io);
    });
  program
    .command('hash')
    .description('print one hash of the whole state of a checkpoint')
    .argument('<prefix>', 'the checkpoint')
    .addHelpText('after', '\nExample:\n  tidemark hash runs/digits/model.ckpt-400')
    .action(async (prefix: string) => {
      const { hash } = await import('./hash.js');
      exitCode = await hash(prefix, io);
    });

  addLookCommands(program, io, (code) => {
    exitCode = code;
  });

  const finish = (code: number): void => {
    exitCode = code;
  };
  addTrainingCommands(program, io, finish, runCli);
  addFileCommands(program, io, finish);

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { describeError } = await import('./describe-error.js');
    const { text, exitCode: code } = describeError(error);
    io.err(text);
    return code;
  }
}

/** Read from the package itself, which is where it is told to the registry. */
function versionOfPackage(): string {
  const { version }: { version?: unknown } = createRequire(import.meta.url)('tidemark/package.json');
  return String(version);
}
