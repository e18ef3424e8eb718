import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const LIMIT_MS = 60_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
let bundle: string | undefined;

/** The trainer as one file of JavaScript, which starts in a fraction of the time. */
export function trainerPath(): string {
  return join(bundled(), 'trainer.js');
}

/** The folder of the programs. */
function bundled(): string {
  if (bundle !== undefined) return bundle;
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-trainer-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  bundle = folder;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  // TensorFlow.js looks for its WebAssembly beside the program.
  const wasm = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  for (const file of readdirSync(wasm).filter((name) => name.endsWith('.wasm'))) {
    copyFileSync(join(wasm, file), join(folder, file));
  }
  buildSync({
    // The worker thread's own file is looked for beside the program.
    entryPoints: {
      trainer: join(root, 'spec/faults/trainer.ts'),
      digits: join(root, 'docs/examples/digits/main.ts'),
      'worker-entry': join(root, 'lib/checkpoint/background/worker-entry.ts'),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Packages that are not modules ask for Node's own by `require`.
    banner: {
      js: "import * as banner from 'node:module'; const require = banner.createRequire(import.meta.url); const __dirname = import.meta.dirname;",
    },
    logLevel: 'error',
  });
  return bundle;
}

export interface StartOptions {
  /** A command that runs the trainer, such as strace with its options. */
  readonly through?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Told of each line on standard output as it comes. */
  readonly onLine?: ((line: string, child: ChildProcess) => void) | undefined;
}

/** What a program said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** The steps of acknowledged saves. */
  readonly saved: readonly number[];
  /** The hash of its last checkpoint, if it ended in order. */
  readonly final: string | undefined;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the trainer with these options of its own. */
export function startTrainer(
  options: Readonly<Record<string, string | number | boolean>>,
  { through = [], ...others }: StartOptions = {},
): Started {
  const own = Object.entries(options).flatMap(([name, value]) =>
    typeof value === 'boolean' ? (value ? [`--${name}`] : []) : [`--${name}=${value}`],
  );
  return start([...through, process.execPath, trainerPath(), ...own], others);
}

/** Starts the digits example. */
export function startDigits(own: readonly string[], options: StartOptions = {}): Started {
  return start([process.execPath, join(bundled(), 'digits.js'), ...own], options);
}

export function start(
  [command = '', ...args]: readonly string[],
  { env = {}, onLine }: Omit<StartOptions, 'through'> = {},
): Started {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd: root });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const lines: string[] = [];
  let stderr = '';
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      onLine?.(line, child);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      const saved = lines.flatMap((line) => /^saved (?:step )?(\d+)/.exec(line)?.[1] ?? []).map(Number);
      const final = lines.flatMap((line) => /^final (\w+)/.exec(line)?.[1] ?? [])[0];
      resolve({ code, signal, lines, stderr, saved, final });
    });
  });
  return { child, ended };
}
