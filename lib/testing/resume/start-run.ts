import { type ChildProcess, fork } from 'node:child_process';
import type { RunMessage, RunOrder } from './run-message.js';
import type { RunSteps, StepRecord } from './run-record.js';

const LAST_WORDS_CHARS = 4000;

export interface StartRunOptions {
  readonly order: RunOrder;
  /** When the process is killed, in milliseconds from when its run begins; `undefined` for never. */
  readonly killAfterMs: number | undefined;
  readonly limitSeconds: number;
  readonly execArgv: readonly string[] | undefined;
}

/** What became of a process. */
export interface EndedRun extends RunSteps {
  readonly isKilled: boolean;
  /** How long the run took, without the start of the process. */
  readonly milliseconds: number;
}

/**
 * Starts a process that takes a run, and tells what came of it when it is over or was killed.
 *
 * Rejects if the process fails of its own, or takes too long.
 */
export function startRun({ order, killAfterMs, limitSeconds, execArgv }: StartRunOptions): Promise<EndedRun> {
  // In a package this file is JavaScript, and so is its neighbour.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './killed-run.ts' : './killed-run.js', import.meta.url);
  const child: ChildProcess = fork(entry, [JSON.stringify(order)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(execArgv !== undefined && { execArgv: [...execArgv] }),
  });
  return new Promise((resolve, reject) => {
    const steps = new Map<number, StepRecord>();
    const retaken = new Set<number>();
    let [startedAt, start]: [number | undefined, StepRecord | undefined] = [undefined, undefined];
    let failure: string | undefined;
    let begunAt = performance.now();
    let lastWords = '';
    let killer: ReturnType<typeof setTimeout> | undefined;
    let isLate = false;
    let [hasEnded, isConnected] = [false, true];
    const limit = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        lastWords = (lastWords + String(chunk)).slice(-LAST_WORDS_CHARS);
      });
    }
    const hear = (message: RunMessage): void => {
      if (message.type === 'begun') {
        begunAt = performance.now();
        if (killAfterMs !== undefined) killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      } else if (message.type === 'created') {
        [startedAt, start] = [message.globalStep, message.record];
      } else if (message.type === 'step') {
        if (steps.has(message.globalStep)) retaken.add(message.globalStep);
        steps.set(message.globalStep, message.record);
      } else if (message.type === 'failed') {
        failure = message.message;
      } else {
        hasEnded = true;
      }
    };
    const settle = (): void => {
      if (isConnected || (child.exitCode === null && child.signalCode === null)) return;
      clearTimeout(limit);
      clearTimeout(killer);
      const isKilled = child.signalCode === 'SIGKILL' && !isLate && !hasEnded;
      const milliseconds = performance.now() - begunAt;
      if (isKilled || hasEnded) {
        resolve({ startedAt, start, steps, retaken, isKilled, milliseconds });
        return;
      }
      const how = isLate
        ? `took more than ${limitSeconds} s`
        : `ended with ${child.signalCode ?? `code ${child.exitCode}`}`;
      reject(new Error(`a process of the resume law ${how}: ${failure ?? lastWords}`));
    };
    child.on('message', (message) => hear(message as RunMessage));
    child.once('error', reject);
    child.once('disconnect', () => {
      isConnected = false;
      settle();
    });
    child.once('exit', settle);
  });
}
