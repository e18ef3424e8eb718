#!/usr/bin/env node
import { isatty, ReadStream } from 'node:tty';
import { runCli } from './run-cli.js';

const RAN_DRY = 70;
const STDIN = 0;

// A pipe that closes early, as `head` does, is no error.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

let isDone = false;
// A promise that is never settled leaves Node with nothing to do, and it would end as if all were well.
process.on('exit', (code) => {
  if (isDone || code !== 0) return;
  process.stderr.write('error  ended without completing: something is waited for that can never come\n');
  process.exitCode = RAN_DRY;
});

void runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  terminal: process.stderr,
  keyboard: isatty(STDIN) ? () => new ReadStream(STDIN) : undefined,
  chdir: (folder) => process.chdir(folder),
}).then((exitCode) => {
  isDone = true;
  process.exitCode = exitCode;
});
