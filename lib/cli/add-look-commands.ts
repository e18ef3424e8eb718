import type { Command } from 'commander';
import type { Io } from './io.js';

/**
 * Adds the commands that look at runs.
 *
 * @param exit is told the exit code of a command that ran
 */
export function addLookCommands(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('ls')
    .description('list the runs of a folder, the newest first')
    .argument('[dir]', 'the folder; runs, or this one')
    .option('--json', 'print one JSON object a run')
    .action(async (directory: string | undefined, options: { json?: boolean }) => {
      const { ls } = await import('./ls.js');
      exit(await ls(directory, options, io));
    });
  program
    .command('show')
    .description('print what a run says of itself')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('--json', 'print one JSON object')
    .action(async (path: string, options: { json?: boolean }) => {
      const { show } = await import('./show.js');
      exit(await show(path, options, io));
    });
  program
    .command('timeline')
    .description('draw what happened in a run as marbles: steps, saves, holds, errors')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('--from <step>', 'the first global step')
    .option('--to <step>', 'the last global step')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  tidemark timeline calm-otter --from 1195 --to 1205')
    .action(async (path: string, options: { from?: string; to?: string; json?: boolean }) => {
      const { timeline } = await import('./timeline.js');
      exit(await timeline(path, options, io));
    });
  program
    .command('tail')
    .description('print the last events of a run')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('-f, --follow', 'go on with those that come, until the run is over')
    .option('-n, --lines <count>', 'how many to begin with', '20')
    .option('--json', 'print one JSON object an event')
    .action(async (path: string, options: { follow?: boolean; lines?: string; json?: boolean }) => {
      const { tail } = await import('./tail.js');
      exit(await tail(path, options, io));
    });
  program
    .command('dashboard')
    .description('show the runs below a folder in a browser')
    .argument('[dir]', 'the folder', '.')
    .option('--port <port>', 'the port; the first free one from 7733 on')
    .option('--host <address>', 'what to listen on; anything but this machine needs the printed token', '127.0.0.1')
    .action(async (directory: string, options: { port?: string; host?: string }) => {
      const { dashboard } = await import('./dashboard.js');
      exit(await dashboard(directory, options, io));
    });
  program
    .command('export')
    .description('write what the dashboard shows of a run into one file')
    .argument('<run>', "the run's folder, or its name below runs")
    .option('--html', 'one page that needs no server')
    .option('-o, --output <file>', 'the file; <run>.html')
    .action(async (path: string, options: { html?: boolean; output?: string }) => {
      const { exportRun } = await import('./export.js');
      exit(await exportRun(path, options, io));
    });
}
