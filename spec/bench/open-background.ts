import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { EMPTY, finalize, firstValueFrom, map, of } from 'rxjs';
import type { BackgroundWriter } from '../../lib/checkpoint/background/background-writer.js';
import { openWorkerWriter } from '../../lib/checkpoint/background/worker-writer.js';
import type { OpenSaver } from '../../lib/checkpoint/saver.js';

/** A writer with a thread of its own, as a package has it: bundled. Nothing is retained, and no state file written. */
export async function openBackground(folder: string, copies: 1 | 2): Promise<BackgroundWriter> {
  const entry = await bundledWorker();
  const settings = { folder, format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
  const start = (workerData: unknown): Worker => new Worker(entry, { workerData });
  return firstValueFrom(
    openWorkerWriter({ settings, copies, start }, (store) => {
      const open: OpenSaver = {
        has: () => false,
        startFrom: () => of(undefined),
        save: (copy, metrics) => {
          const record = { globalStep: copy.globalStep, savedAt: 0, metrics, parent: undefined };
          const prefix = `model.ckpt-${copy.globalStep}`;
          return store
            .write(prefix, copy, record)
            .pipe(map((report) => (typeof report === 'number' ? { ...record, prefix, sizeBytes: report } : report)));
        },
        retain: () => EMPTY,
        close: () => {},
      };
      return of(open);
    }).pipe(finalize(() => rmSync(entry))),
  );
}

async function bundledWorker(): Promise<string> {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const folder = join(project, 'node_modules', '.cache', 'tidemark-bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `worker-entry-${process.pid}.mjs`);
  await build({
    entryPoints: [join(project, 'lib', 'checkpoint', 'background', 'worker-entry.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}
