import type { Command } from 'commander';
import { examples } from './examples.js';
import type { Io } from './io.js';
import { collect, filledText, once, wholeNumber } from './option-parsers.js';

/** Adds the commands that work on folders: `prune`, `rm`, `doctor`, `init`. Loaded when they are called. */
export function addFolderCommands(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('prune')
    .description('delete checkpoints that are not to be kept')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('--keep-last <n>', 'keep the newest n', once('--keep-last', wholeNumber(1)))
    .option('--keep-best <metric:mode:n>', 'keep the best n by a metric, e.g. loss:min:3; may be repeated', collect)
    .option('--keep-every <steps>', 'keep one in each stretch of so many steps', once('--keep-every', wholeNumber(1)))
    .option('--dry-run', 'say what would go, and why the others stay')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        'prune brisk-heron --keep-last 3 --keep-best loss:min:1 --dry-run',
        'prune runs/digits --keep-every 1000',
      ),
    )
    .action(async (which: string, flags: object) => {
      const { prune } = await import('./prune.js');
      finish(await prune(which, flags, io));
    });

  program
    .command('rm')
    .description('delete a run: its checkpoints, its record and its log; other files stay')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('--dry-run', 'say what would go')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('rm brisk-heron --dry-run', 'rm runs/brisk-heron'))
    .action(async (which: string, flags: { dryRun?: boolean; json?: boolean }) => {
      const { rm } = await import('./rm.js');
      finish(await rm(which, flags, io));
    });

  program
    .command('doctor')
    .description('check the machine: Node, TypeScript, TensorFlow.js, checksums, disk, locks')
    .argument('[dir]', 'the folder whose disk and locks are checked', '.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('doctor', 'doctor runs/digits'))
    .action(async (directory: string, flags: { json?: boolean }) => {
      const { doctor } = await import('./doctor.js');
      finish(await doctor(directory, flags, io));
    });

  program
    .command('init')
    .description('write a session module and a configuration to start from; overwrites nothing')
    .argument('[dir]', 'the folder', '.')
    .option(
      '--name <file>',
      'of the module (default: train.ts, .mts, .js or .mjs, as the package and this Node ask for)',
      once('--name', filledText),
    )
    .option('--json', 'print {"module", "files"}')
    .addHelpText('after', examples('init', 'init experiments/first'))
    .action(async (directory: string, flags: { name?: string; json?: boolean }) => {
      const { init } = await import('./init.js');
      finish(await init(directory, flags, io));
    });
}
