#!/usr/bin/env node
import { runCli } from './run-cli.js';

// A pipe that closes early, as `head` does, is no error.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  cwd: process.cwd(),
});
