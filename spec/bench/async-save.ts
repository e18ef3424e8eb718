// How long the loop is held by a save in the background, against the copy alone and against what else one can do.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { EMPTY, firstValueFrom, map, of } from 'rxjs';
import { openWorkerWriter } from '../../lib/checkpoint/background/worker-writer.js';
import type { OpenSaver } from '../../lib/checkpoint/saver.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../lib/tensor/tensor.js';
import { type BenchmarkReport, interleaved, ratio, spread } from './measure.js';

const COUNT = 100;
const BYTES = 1_000_000;
const ENTRY = new URL('../../lib/checkpoint/background/worker-entry-in-tsx.mjs', import.meta.url);

export async function run(): Promise<BenchmarkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const block = new Uint8Array(COUNT * BYTES).map((_, i) => i * 31);
  const tensors = new Map<string, Tensor>();
  for (let i = 0; i < COUNT; i++) {
    tensors.set(`model/w${i}`, { dtype: 'uint8', shape: [BYTES], bytes: block.subarray(i * BYTES, (i + 1) * BYTES) });
  }
  const settings = { folder, format: 'tensor-bundle', refuseNonFinite: false, verifyWrites: false };
  const start = (workerData: unknown) => new Worker(ENTRY, { workerData });
  const writer = await firstValueFrom(
    openWorkerWriter({ settings, copies: 2, start }, (store) => {
      const open: OpenSaver = {
        has: () => false,
        startFrom: () => of(undefined),
        save: (snapshot, metrics) => {
          const { globalStep } = snapshot;
          const prefix = `model.ckpt-${globalStep}`;
          const checkpoint = { prefix, globalStep, savedAt: 0, sizeBytes: 0, metrics, parent: undefined };
          return store.write(prefix, snapshot, checkpoint).pipe(map(() => checkpoint));
        },
        retain: () => EMPTY,
        close: () => {},
      };
      return of(open);
    }),
  );
  let globalStep = 0;
  const totals: number[] = [];
  const save = async (): Promise<number> => {
    const snapshot: StateSnapshot = { globalStep: ++globalStep, tensors, json: { parts: {} } };
    const startedAt = performance.now();
    const taken = await firstValueFrom(writer.take(snapshot, new Map()));
    const stall = performance.now() - startedAt;
    await firstValueFrom(taken.write());
    totals.push(performance.now() - startedAt);
    taken.release();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    return stall;
  };
  const warm = new Uint8Array(new SharedArrayBuffer(COUNT * BYTES)).fill(1);
  const timed = (work: () => void): number => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  };
  const measured = await interleaved(
    {
      copy: () => timed(() => warm.set(block)),
      stall: save,
      serialize: () => timed(() => writeFileSync(join(folder, 'v8'), serialize(tensors))),
      writeFile: () => timed(() => writeFileSync(join(folder, 'raw'), block)),
    },
    { rounds: 7, warmUpRounds: 2 },
  );
  writer.close();
  rmSync(folder, { recursive: true, force: true });
  const sorted = totals.slice(2).sort((a, b) => a - b);
  const row = (name: string, result: typeof measured.copy): string[] => [
    name,
    spread(result),
    ratio(result, measured.copy),
  ];
  return {
    title: 'For how long a save of 100 MB in 100 tensors holds the loop, in milliseconds',
    columns: ['way', 'held', '÷ warm copy'],
    rows: [
      row('warm copy of the same bytes', measured.copy),
      row('background save: the copy into its pool', measured.stall),
      row('fs.writeFileSync, not durable', measured.writeFile),
      row('v8.serialize and fs.writeFileSync, not durable', measured.serialize),
    ],
    notes: [`Until the background save was durable: ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms (median).`],
  };
}
