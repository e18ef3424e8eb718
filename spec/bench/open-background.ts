import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { defer, finalize, firstValueFrom, ignoreElements, map, of, tap } from 'rxjs';
import type { BackgroundWriter } from '../../lib/checkpoint/background/background-writer.js';
import { openWorkerWriter } from '../../lib/checkpoint/background/worker-writer.js';
import type { OpenSaver } from '../../lib/checkpoint/saver.js';
import type { StoreWriter } from '../../lib/checkpoint/store-writer.js';

/** A writer with a thread of its own, as a package has it: bundled. The thread keeps the newest checkpoint; no state file. */
export async function openBackground(folder: string, copies: 1 | 2): Promise<BackgroundWriter> {
  const entry = await bundledWorker();
  mkdirSync(folder, { recursive: true });
  const settings = { folder, format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
  const start = (workerData: unknown): Worker => new Worker(entry, { workerData });
  return firstValueFrom(
    openWorkerWriter({ settings, copies, start }, (store) => of(newestOnly(store))).pipe(finalize(() => rmSync(entry))),
  );
}

function newestOnly(store: StoreWriter): OpenSaver {
  const prefixes: string[] = [];
  return {
    has: () => false,
    startFrom: () => of(undefined),
    save: (copy, metrics) => {
      const record = { globalStep: copy.globalStep, savedAt: 0, metrics, parent: undefined };
      const prefix = `model.ckpt-${copy.globalStep}`;
      return store.write(prefix, copy, record).pipe(
        map((report) => (typeof report === 'number' ? { ...record, prefix, sizeBytes: report } : report)),
        tap({ complete: () => prefixes.push(prefix) }),
      );
    },
    retain: () => defer(() => store.remove(prefixes.splice(0, prefixes.length - 1), ['.index'])).pipe(ignoreElements()),
    close: () => {},
  };
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
