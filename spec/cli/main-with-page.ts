// The command as a process, with a page of the dashboard that was built elsewhere: `tsx main-with-page.ts <folder> <args …>`.

import { isatty, ReadStream } from 'node:tty';
import { runCli } from '../../lib/cli/run-cli.js';

const [pageFolder, ...args] = process.argv.slice(2);
process.exitCode = await runCli(args, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  terminal: process.stderr,
  keyboard: isatty(0) ? () => new ReadStream(0) : undefined,
  pageFolder,
});
