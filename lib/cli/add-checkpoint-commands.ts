import type { Command } from 'commander';
import { examples } from './examples.js';
import type { Io } from './io.js';
import { once, oneOf } from './option-parsers.js';

/** Adds the commands that look into checkpoints: `inspect`, `verify`, `hash`, `diff`, `convert`. Loaded when called. */
export function addCheckpointCommands(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('inspect')
    .description('list the tensors of a checkpoint: types, shapes, sizes, statistics, checksums; each is verified')
    .argument('<checkpoint>', 'a checkpoint, e.g. runs/digits/model.ckpt-400')
    .option('--json', 'print {"tensors": [{"name", "dtype", "shape", "sha256"}, …]}')
    .option('--stats', 'with --json: sizes, checksums, min, max, mean, zeros, NaNs and infinities, too')
    .addHelpText(
      'after',
      examples('inspect runs/digits/model.ckpt-400', 'inspect runs/digits/model.ckpt-400 --json --stats'),
    )
    .action(async (path: string, flags: { json?: boolean; stats?: boolean }) => {
      const { inspect } = await import('./inspect.js');
      finish(await inspect(path, flags, io));
    });

  program
    .command('verify')
    .description('read everything and compare every checksum; the last line is the newest valid step, or none')
    .argument('<run-or-checkpoint>', "a run's folder, its name below runs, or one checkpoint")
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('verify brisk-heron', 'verify runs/digits', 'verify runs/digits/model.ckpt-400'))
    .action(async (path: string, flags: { json?: boolean }) => {
      const { verify } = await import('./verify.js');
      finish(await verify(path, flags, io));
    });

  program
    .command('hash')
    .description('print one hash of the whole state of a checkpoint: equal states have equal hashes')
    .argument('<checkpoint>', 'a checkpoint')
    .option('--json', 'print {"checkpoint", "sha256"}')
    .addHelpText('after', examples('hash runs/digits/model.ckpt-400'))
    .action(async (path: string, flags: { json?: boolean }) => {
      const { hash } = await import('./hash.js');
      finish(await hash(path, flags, io));
    });

  program
    .command('diff')
    .description('compare two checkpoints tensor by tensor; exit code 1 if they differ')
    .argument('<a>', 'a checkpoint, e.g. runs/digits/model.ckpt-400')
    .argument('<b>', 'another')
    .option('--all', 'list equal tensors, too')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('diff runs/a/model.ckpt-400 runs/b/model.ckpt-400'))
    .action(async (a: string, b: string, flags: { all?: boolean; json?: boolean }) => {
      const { diff } = await import('./diff.js');
      finish(await diff(a, b, flags, io));
    });

  program
    .command('convert')
    .description('write a checkpoint in another format, and verify it')
    .argument('<from>', 'a checkpoint')
    .argument('<to>', 'the new one, e.g. exported/model.ckpt-400')
    .option('--to <format>', 'bundle or safetensors', once('--to', oneOf('bundle', 'safetensors')))
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('convert runs/digits/model.ckpt-400 exported/digits-400 --to safetensors'))
    .action(async (from: string, to: string, flags: { to?: 'bundle' | 'safetensors'; json?: boolean }) => {
      const { convert } = await import('./convert.js');
      finish(await convert(from, to, flags, io));
    });
}
