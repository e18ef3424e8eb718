import type { Command } from 'commander';
import { examples } from './examples.js';
import type { Io } from './io.js';
import { collect, duration, filledText, once, oneOf, wholeNumber } from './option-parsers.js';
import type { RunFlags } from './run.js';
import { RESUME_WORDS } from './session/resume-words.js';

/** Adds the commands that train: `run`, `resume`, `demo`. They are loaded when they are called. */
export function addTrainingCommands(
  program: Command,
  io: Io,
  finish: (exitCode: number) => void,
  runCli: (args: readonly string[], io: Io) => Promise<number>,
): void {
  withRunOptions(
    program
      .command('run')
      .description('run the training session that a module exports')
      .argument(
        '<module>',
        'a .js, .mjs or .ts file with a session: export default ({ options, store, restore }) => …',
      ),
  )
    .option(
      '--config <file>',
      'configuration (default: tidemark.config.{ts,js,mjs,json}, if there is one)',
      once('--config', filledText),
    )
    .addHelpText(
      'after',
      `
Precedence of options: --set over TIDEMARK_<NAME> over the configuration file over the module's own.

While it runs in a terminal: s saves, p pauses and goes on, d opens the dashboard, q stops, h helps.

Exit codes: 0 finished · 1 the training failed · 2 wrong command or configuration · 3 checkpoint missing or damaged ·
4 storage · 5 loss not finite · 70 ended without completing · 75 stopped, with --preemptible · 130, 143 stopped by a signal
${examples(
  'run train.ts',
  'run train.ts --set learningRate=3e-4 --steps 5000 --name small',
  'run train.ts --explain',
  'run train.ts --dry-run',
  'run train.ts --json | jq -c \'select(.kind == "step") | .metrics\'',
)}`,
    )
    .action(async (module: string, flags: RunFlags) => {
      const { run } = await import('./run.js');
      finish(await run(module, flags, io));
    });

  withRunOptions(
    program.command('demo').description('train a small network, to have something to look at; takes seconds'),
  )
    .addHelpText('after', examples('demo', 'demo --set seed=8 --name second'))
    .action(async (flags: RunFlags) => {
      const { demo } = await import('./demo.js');
      finish(await demo(flags, io));
    });

  program
    .command('resume')
    .description('run the command again that started a run; it goes on where it was')
    .argument('<run>', 'its folder, or its name below ./runs')
    .option('--set <name=value>', 'change an option of the session; may be repeated', collect)
    .option('--steps <n>', 'the same as --set steps=n', once('--steps', wholeNumber(1)))
    .option('--dashboard', 'serve the dashboard while it runs (default: in a terminal)')
    .option('--no-dashboard', 'serve none')
    .option('--json', 'print events as lines of JSON')
    .option('--plain', 'whole lines instead of one that changes')
    .addHelpText('after', examples('resume brisk-heron', 'resume runs/brisk-heron --steps 4000'))
    .action(async (which: string, flags: RunFlags) => {
      const { resume } = await import('./resume.js');
      const more = [
        ...(io.isVerbose === true ? ['--verbose'] : []),
        ...(flags.set ?? []).flatMap((setting) => ['--set', setting]),
        ...(flags.steps === undefined ? [] : ['--set', `steps=${flags.steps}`]),
        ...(flags.dashboard === undefined ? [] : [flags.dashboard ? '--dashboard' : '--no-dashboard']),
        ...(flags.json === true ? ['--json'] : []),
        ...(flags.plain === true ? ['--plain'] : []),
      ];
      finish(await resume(which, more, io, runCli));
    });
}

function withRunOptions(command: Command): Command {
  return command
    .option(
      '--set <name=value>',
      'set an option of the session, e.g. optimizer.learningRate=0.1; may be repeated',
      collect,
    )
    .option('--steps <n>', 'the same as --set steps=n', once('--steps', wholeNumber(1)))
    .option(
      '--dir <dir>',
      'where checkpoints, record and log go (default: runs/<a new name>)',
      once('--dir', filledText),
    )
    .option('--name <name>', 'the same as --dir runs/<name>', once('--name', filledText))
    .option(
      '--resume <policy>',
      `${RESUME_WORDS.join(', ')} (default: allow)`,
      once('--resume', oneOf(...RESUME_WORDS)),
    )
    .option('--overwrite', 'delete the run that is in the folder, and begin anew')
    .option('--dashboard', 'serve the dashboard while it runs (default: in a terminal)')
    .option('--no-dashboard', 'serve none')
    .option('--grace <time>', 'how long the process may live after a signal (default: 30s)', once('--grace', duration))
    .option('--preemptible', 'exit with 75 when stopped by a signal: safe to start again')
    .option('--explain', 'print the options and where they come from, and run nothing')
    .option('--dry-run', 'two steps, a save, a restore and a comparison, in a folder that is removed')
    .option('--json', 'print events as lines of JSON')
    .option('--plain', 'whole lines instead of one that changes');
}
