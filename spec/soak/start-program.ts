import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const PROGRAMS = [
  'stamped-saves',
  'cancelled-runs',
  'memory-of-saves',
  'busy-saver',
  'many-cycles',
  'large-checkpoint',
  'slow-store',
] as const;
const LIMIT_MS = 1_800_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
let bundled: string | undefined;

export type Program = (typeof PROGRAMS)[number];

/** The programs as JavaScript, which start in a fraction of the time, and whose threads do, too. */
function bundle(): string {
  if (bundled !== undefined) return bundled;
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-soak-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  buildSync({
    entryPoints: {
      ...Object.fromEntries(PROGRAMS.map((name) => [name, join(root, `spec/soak/${name}.ts`)])),
      // The worker thread's own file is looked for beside the program.
      'worker-entry': join(root, 'lib/checkpoint/background/worker-entry.ts'),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Packages that are not modules ask for Node's own by `require`.
    banner: { js: "import * as banner from 'node:module'; const require = banner.createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  bundled = folder;
  return folder;
}

/**
 * Starts a program; its options are one JSON object.
 *
 * @param through a command of a shell that comes first and sets limits
 */
export function startProgram(name: Program, options: object, through = ':'): ChildProcess {
  const own = [process.execPath, '--expose-gc', join(bundle(), `${name}.js`), JSON.stringify(options)];
  return spawn('bash', ['-c', `${through} && exec "$@"`, 'bash', ...own], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a program to its end; what it found is the last line that it prints. @throws if it fails */
export function runProgram<T>(name: Program, options: object, through?: string): Promise<T> {
  const child = startProgram(name, options, through);
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
      else reject(new Error(`${name} ended with ${signal ?? code}: ${errors}`));
    });
  });
}
