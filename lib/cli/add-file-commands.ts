import type { Command } from 'commander';
import type { Io } from './io.js';
import { collect, filledText, once, oneOf, wholeNumber } from './option-parsers.js';

/** Adds the commands that work on folders: `diff`, `convert`, `prune`, `doctor`, `init`. Loaded when they are called. */
export function addFileCommands(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('diff')
    .description('compare two checkpoints tensor by tensor; exit code 1 if they differ')
    .argument('<a>', 'a checkpoint, e.g. runs/digits/model.ckpt-400')
    .argument('<b>', 'another')
    .option('--all', 'list equal tensors, too')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  tidemark diff runs/a/model.ckpt-400 runs/b/model.ckpt-400')
    .action(async (a: string, b: string, flags: { all?: boolean; json?: boolean }) => {
      const { diff } = await import('./diff.js');
      finish(await diff(a, b, flags, io));
    });

  program
    .command('convert')
    .description('write a checkpoint in another format, and verify it')
    .argument('<from>', 'a checkpoint')
    .argument('<to>', 'the new one, e.g. exported/model.ckpt-400')
    .requiredOption('--to <format>', 'bundle or safetensors', once('--to', oneOf('bundle', 'safetensors')))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  tidemark convert runs/digits/model.ckpt-400 exported/digits-400 --to safetensors',
    )
    .action(async (from: string, to: string, flags: { to: 'bundle' | 'safetensors'; json?: boolean }) => {
      const { convert } = await import('./convert.js');
      finish(await convert(from, to, flags, io));
    });

  program
    .command('prune')
    .description('delete checkpoints that are not to be kept')
    .argument('<dir>', 'the folder of a run')
    .option('--keep-last <n>', 'keep the newest n', once('--keep-last', wholeNumber(1)))
    .option('--keep-best <metric:mode:n>', 'keep the best n by a metric, e.g. loss:min:3; may be repeated', collect)
    .option('--keep-every <steps>', 'keep one in each stretch of so many steps', once('--keep-every', wholeNumber(1)))
    .option('--dry-run', 'say what would go, and why the others stay')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  tidemark prune runs/digits --keep-last 3 --keep-best loss:min:1 --dry-run\n  tidemark prune runs/digits --keep-every 1000',
    )
    .action(async (directory: string, flags: object) => {
      const { prune } = await import('./prune.js');
      finish(await prune(directory, flags, io));
    });

  program
    .command('doctor')
    .description('check the machine: Node, TypeScript, TensorFlow.js, checksums, disk, locks')
    .argument('[dir]', 'the folder whose disk and locks are checked', '.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  tidemark doctor\n  tidemark doctor runs/digits')
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
    .addHelpText('after', '\nExamples:\n  tidemark init\n  tidemark init experiments/first')
    .action(async (directory: string, flags: { name?: string }) => {
      const { init } = await import('./init.js');
      finish(await init(directory, flags, io));
    });
}
