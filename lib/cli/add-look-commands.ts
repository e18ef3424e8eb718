import type { Command } from 'commander';
import { examples } from './examples.js';
import type { Io } from './io.js';
import { filledText, once, wholeNumber } from './option-parsers.js';

const RUN = "the run's folder, or its name below runs";

/** Adds the commands that look at runs: `ls`, `show`, `timeline`, `tail`, `dashboard`, `export`. Loaded when called. */
export function addLookCommands(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('ls')
    .description('list the runs of a folder, the newest first')
    .argument('[dir]', 'the folder; runs, or this one')
    .option('--metric <name>', 'the metric to show', once('--metric', filledText))
    .option('--json', 'print one JSON object a run')
    .addHelpText('after', examples('ls', 'ls experiments/runs --metric accuracy', 'ls --json'))
    .action(async (directory: string | undefined, flags: { metric?: string; json?: boolean }) => {
      const { ls } = await import('./ls.js');
      finish(await ls(directory, flags, io));
    });

  program
    .command('show')
    .description('print what a run says of itself')
    .argument('<run>', RUN)
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('show brisk-heron'))
    .action(async (path: string, flags: { json?: boolean }) => {
      const { show } = await import('./show.js');
      finish(await show(path, flags, io));
    });

  program
    .command('timeline')
    .description('draw what happened in a run as marbles: steps, saves, holds, errors')
    .argument('<run>', RUN)
    .option('--from <step>', 'the first global step', once('--from', wholeNumber(0)))
    .option('--to <step>', 'the last global step', once('--to', wholeNumber(0)))
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('timeline calm-otter --from 1195 --to 1205'))
    .action(async (path: string, flags: { from?: number; to?: number; json?: boolean }) => {
      const { timeline } = await import('./timeline.js');
      finish(await timeline(path, flags, io));
    });

  program
    .command('tail')
    .description('print the last events of a run')
    .argument('<run>', RUN)
    .option('-f, --follow', 'go on with those that come, until the run is over')
    .option('-n, --lines <count>', 'how many to begin with (default: 20)', once('--lines', wholeNumber(0)))
    .option('--json', 'print one JSON object an event')
    .addHelpText('after', examples('tail calm-otter', 'tail -f calm-otter', 'tail calm-otter -n 1000 --json'))
    .action(async (path: string, flags: { follow?: boolean; lines?: number; json?: boolean }) => {
      const { tail } = await import('./tail.js');
      finish(await tail(path, flags, io));
    });

  program
    .command('dashboard')
    .description('show the runs below a folder in a browser')
    .argument('[dir]', 'the folder', '.')
    .option(
      '--port <port>',
      'the port (default: the first free one from 7733 on)',
      once('--port', wholeNumber(0, 65_535)),
    )
    .option(
      '--host <address>',
      'what to listen on; anything but this machine needs the printed token',
      once('--host', filledText),
    )
    .option('--open', 'open it in a browser')
    .option('--json', 'print {"url", "port"} when it is there')
    .addHelpText('after', examples('dashboard', 'dashboard experiments/runs --port 8080 --open'))
    .action(async (directory: string, flags: { port?: number; host?: string; open?: boolean; json?: boolean }) => {
      const { dashboard } = await import('./dashboard.js');
      finish(await dashboard(directory, flags, io));
    });

  program
    .command('export')
    .description('write what the dashboard shows of a run into one file')
    .argument('<run>', RUN)
    .option('--html', 'one page that needs no server')
    .option('-o, --output <file>', 'the file (default: <run>.html)', once('--output', filledText))
    .option('--json', 'print {"file", "sizeBytes"}')
    .addHelpText('after', examples('export brisk-heron --html', 'export runs/digits --html -o digits.html'))
    .action(async (path: string, flags: { html?: boolean; output?: string; json?: boolean }) => {
      const { exportRun } = await import('./export.js');
      finish(await exportRun(path, flags, io));
    });
}
