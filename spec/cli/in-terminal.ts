import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const BRIDGE = fileURLToPath(new URL('./terminal.py', import.meta.url));
const PATIENCE_MS = 30_000;

/** Whether there is what makes a pseudo terminal. */
export const hasTerminals = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0;

/** A command in a pseudo terminal of 110 columns. */
export class Terminal {
  /** All that was shown so far. */
  text = '';
  /** How the command ended, and whether the terminal has the mode that it had. */
  readonly ended: Promise<{ readonly code: number; readonly isSane: boolean }>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(cwd: string, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn('python3', [BRIDGE, ...command], {
      cwd,
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env },
    });
    this.#child.stdout?.on('data', (chunk) => {
      this.text += String(chunk);
      for (const look of this.#waiting) look();
    });
    let report = '';
    (this.#child.stdio[3] as Readable).on('data', (chunk) => {
      report += String(chunk);
    });
    this.ended = new Promise((resolve, reject) =>
      this.#child.on('close', () => {
        if (report === '') reject(new Error(`the terminal is gone:\n${this.text}`));
        else resolve(JSON.parse(report));
      }),
    );
    // Who waits for a text hears of it there.
    this.ended.catch(() => {});
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits for a text that was not asked for before, and forgets what is before its end. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) {
        this.text = this.text.slice(found.index + found[0].length);
        return found;
      }
      const left = end - performance.now();
      if (left <= 0) {
        this.kill();
        throw new Error(`not said within ${PATIENCE_MS / 1000} s: ${pattern}; instead:\n${this.text.slice(-3000)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiting = this.#waiting;
        waiting.add(done);
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
      });
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
