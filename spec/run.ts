// Runs the specs: `tsx spec/run.ts [part of a path …]`.
//
// uvu's own runner passes a file whose hook threw, whose suite was never run or that says `only`; it knows no time
// limit and runs one file at a time. This one asks of each file that it ran tests and that all of them passed. The
// files are shared out to as many processes as there are cores; a process that dies or stalls fails its file and is
// replaced.

import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const isSoak = process.env['TIDEMARK_SOAK'] === '1';
// The soak asks for hours of what is otherwise a matter of seconds.
const FILE_LIMIT_MS = isSoak ? 7_200_000 : 600_000;
const root = fileURLToPath(new URL('.', import.meta.url));

export interface FileReport {
  readonly passed: number;
  readonly skipped: number;
  readonly total: number;
  readonly errors: string;
}

const wanted = process.argv.slice(2);
/** Files come in the order of the words, so that the longest can be first. */
const rank = (file: string): number => wanted.findIndex((part) => join('spec', file).includes(part));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.spec.ts'))
  .filter((file) => wanted.length === 0 || rank(file) >= 0)
  .sort()
  .sort((a, b) => rank(a) - rank(b));
const queue = [...files];
const sum = { passed: 0, failed: 0, skipped: 0 };
const remarks: string[] = [];
const startedAt = performance.now();

// Much of a soak is waiting, for disks and for instants.
const workers = Math.max(1, Math.min(availableParallelism() + (isSoak ? 1 : 0), files.length));
await Promise.all(Array.from({ length: workers }, work));
if (isSoak) {
  const minutes = Math.round((performance.now() - startedAt) / 60_000);
  console.log(`\nin ${minutes} minutes, with ${workers} files at a time:\n\n${remarks.sort().join('\n')}`);
}
console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

async function work(): Promise<void> {
  let child: ChildProcess | undefined;
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    child ??= startChild();
    const started = performance.now();
    const { report, output, isAlive } = await runFile(child, join(root, file));
    if (!isAlive) child = undefined;
    print(file, report, output, (performance.now() - started) / 1000);
  }
  // All is reported, and a spec that left a listener of SIGTERM behind must not keep its process alive.
  child?.kill('SIGKILL');
}

function startChild(): ChildProcess {
  return fork(join(root, 'run-child.ts'), {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

function runFile(
  child: ChildProcess,
  path: string,
): Promise<{ report: FileReport | string; output: string; isAlive: boolean }> {
  return new Promise((resolve) => {
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
      // A soak takes so long that nobody waits for the end of a file to see where it is.
      if (isSoak) for (const line of remarksIn(chunk.toString())) console.log(`…     ${line}`);
    };
    const finish = (report: FileReport | string, isAlive: boolean): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stdout?.off('data', keep);
      child.stderr?.off('data', keep);
      resolve({ report, output, isAlive });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish(`no result within ${FILE_LIMIT_MS / 1000} s`, false);
    }, FILE_LIMIT_MS);
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    // What was printed before the report may come after it: it takes another way.
    child.on('message', (report) => setTimeout(() => finish(report as FileReport | string, true), 10));
    child.on('exit', (code, signal) => finish(`ended without a report (${signal ?? code})`, false));
    child.send(path);
  });
}

function print(file: string, report: FileReport | string, output: string, seconds: number): void {
  const name = join(relative(process.cwd(), root), file);
  const fault = typeof report === 'string' ? report : faultOf(report);
  const found = remarksIn(output);
  remarks.push(...found);
  if (typeof report !== 'string') {
    sum.passed += report.passed;
    sum.skipped += report.skipped;
  }
  if (fault === undefined) {
    const counts =
      typeof report === 'string' ? '' : `${report.passed}${report.skipped > 0 ? ` (${report.skipped} skipped)` : ''}`;
    console.log(`ok    ${name}  ${counts}  ${seconds.toFixed(1)} s`);
    // These are of interest also where all is well.
    for (const line of found) console.log(`      ${line}`);
    return;
  }
  sum.failed += typeof report === 'string' ? 1 : Math.max(1, report.total - report.passed);
  console.log(`FAIL  ${name}  ${fault}`);
  if (typeof report !== 'string' && report.errors !== '') console.log(report.errors);
  else if (output !== '') console.log(output);
}

/** What was left out for want of a tool, and what was counted. */
function remarksIn(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^(skipped|counted): /.test(line));
}

function faultOf({ passed, skipped, total }: FileReport): string | undefined {
  if (total + skipped === 0) return 'ran no test: is `.run()` missing?';
  if (passed !== total) return `${passed} of ${total} passed`;
  return undefined;
}
