// A process of `run.ts`: imports one spec file at a time, runs its suites and reports.

import type { FileReport } from './run.js';

type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

// What uvu's own command sets, so that a suite waits in the queue until it is called.
const uvu = globalThis as { UVU_DEFER?: number; UVU_INDEX?: number; UVU_QUEUE?: (Suite | string)[][] };
uvu.UVU_DEFER = 1;
uvu.UVU_QUEUE = [];

let failure: unknown;
process.on('uncaughtException', (error) => {
  failure ??= error;
});
process.on('unhandledRejection', (error) => {
  failure ??= error;
});

process.on('message', (path) => {
  void runFile(String(path)).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.(describe(error)),
  );
});

async function runFile(path: string): Promise<FileReport | string> {
  const suites: Suite[] = [];
  uvu.UVU_INDEX = (uvu.UVU_QUEUE as unknown[]).push(suites) - 1;
  failure = undefined;
  await import(path);
  let [passed, skipped, total, errors] = [0, 0, 0, ''];
  for (const suite of suites) {
    const [fault, suitePassed, suiteSkipped, suiteTotal] = await suite();
    passed += suitePassed;
    skipped += suiteSkipped;
    total += suiteTotal;
    if (fault !== true) errors += fault;
  }
  // A late throw reaches nobody's assertion: give it a turn to show itself.
  await new Promise((resolve) => setImmediate(resolve));
  if (failure !== undefined) return `uncaught: ${describe(failure)}\n${errors}`;
  return { passed, skipped, total, errors };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
