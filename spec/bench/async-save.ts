// How long the loop is held by a save in the background, against the copy alone and against what else one can do; and
// what becomes of training while one goes on.

import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  promises,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { tensor2d, train } from '@tensorflow/tfjs-core';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { startBackend } from '../../docs/examples/digits/backend.js';
import { mlp } from '../../docs/examples/digits/model.js';
import type { BackgroundWriter } from '../../lib/checkpoint/background/background-writer.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../lib/tensor/tensor.js';
import { type BenchmarkReport, interleaved, type Measured, measuredOf, ratio, spread } from './measure.js';
import { openBackground } from './open-background.js';

const COUNT = 100;
const BYTES = 1_000_000;
const PIECE_BYTES = 1 << 20;
const TRAINED_MS = 1200;
const BATCH = 64;
const PIXELS = 784;

export async function run(): Promise<BenchmarkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const saver = new BackgroundSaver(folder, await openBackground(folder, 2));
  const { block, tensors } = saver;
  const warm = new Uint8Array(new SharedArrayBuffer(block.length)).fill(1);
  const totals: Record<'background' | 'handler', number[]> = { background: [], handler: [] };
  const m = await interleaved(
    {
      copy: () => timed(() => warm.set(block)),
      raw: () => timed(() => rawWrite(join(folder, 'raw'), block)),
      stall: async () => {
        const { held, total } = await saver.save();
        totals.background.push(total);
        return held;
      },
      handler: async () => {
        const { held, total } = await fileHandler(folder, tensors);
        totals.handler.push(total);
        return held;
      },
      serialize: () => timed(() => writeFileSync(join(folder, 'v8'), serialize(tensors))),
      writeFile: () => timed(() => writeFileSync(join(folder, 'file'), block)),
    },
    { rounds: 11, warmUpRounds: 3 },
  );
  const background = measuredOf(totals.background.slice(3));
  const handler = measuredOf(totals.handler.slice(3));
  const loop = await throughput(saver, cpuStep);
  const tensorflow = await throughput(saver, await mlpStep());
  saver.close();
  rmSync(folder, { recursive: true, force: true });

  const row = (name: string, held: Measured, total: Measured = held): string[] => [
    name,
    spread(held),
    ratio(held, m.copy),
    spread(total, 0),
    ratio(total, m.raw),
  ];
  return {
    title: 'Saves of 100 MB in 100 tensors beside training, in milliseconds',
    columns: ['way', 'loop held', '÷ warm copy', 'until it is there', '÷ raw'],
    rows: [
      ['warm copy of the same bytes', spread(m.copy), '', '', ''],
      ['raw write + fsync, on the loop’s thread', spread(m.raw), ratio(m.raw, m.copy), spread(m.raw, 0), ''],
      row('background save, durable, checksummed', m.stall, background),
      row('as TensorFlow.js’s file handler: JSON and weights.bin by fs.promises, not durable', m.handler, handler),
      row('fs.writeFileSync of one block, not durable', m.writeFile),
      row('v8.serialize and fs.writeFileSync, not durable', m.serialize),
    ],
    notes: [
      'Goals: held ≤ 1.5 × the warm copy; until it is durable ≤ 1.5 × raw write + fsync.',
      `Steps of a second while saves follow one another without a pause, against none: ${loop} of a loop that only computes, ${tensorflow} of TensorFlow.js training the digits example’s MLP at batch ${BATCH} (goal 90 % with a core to spare). The stalls are in it.`,
    ],
  };
}

class BackgroundSaver {
  readonly block = new Uint8Array(COUNT * BYTES).map((_, i) => i * 31);
  readonly tensors = new Map<string, Tensor>();
  readonly #folder: string;
  readonly #writer: BackgroundWriter;
  #globalStep = 0;

  constructor(folder: string, writer: BackgroundWriter) {
    this.#folder = folder;
    this.#writer = writer;
    for (let i = 0; i < COUNT; i++) {
      const bytes = this.block.subarray(i * BYTES, (i + 1) * BYTES);
      this.tensors.set(`model/w${i}`, { dtype: 'uint8', shape: [BYTES], bytes });
    }
  }

  async save(): Promise<{ readonly held: number; readonly total: number }> {
    const snapshot: StateSnapshot = { globalStep: ++this.#globalStep, tensors: this.tensors, json: { parts: {} } };
    const startedAt = performance.now();
    const taken = await firstValueFrom(this.#writer.take(snapshot, new Map()));
    const held = performance.now() - startedAt;
    await lastValueFrom(taken.write());
    const total = performance.now() - startedAt;
    taken.release();
    for (const name of readdirSync(this.#folder)) {
      if (name.startsWith('model.ckpt')) rmSync(join(this.#folder, name));
    }
    return { held, total };
  }

  close(): void {
    this.#writer.close();
  }
}

/** What tfjs-node's file handler does with weights that were read out: joins them, then writes two files. */
async function fileHandler(
  folder: string,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<{ readonly held: number; readonly total: number }> {
  const startedAt = performance.now();
  const parts = [...tensors].flatMap(([name, tensor]) => (tensor.dtype === 'string' ? [] : [{ name, ...tensor }]));
  const joined = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let end = 0;
  for (const { bytes } of parts) {
    joined.set(bytes, end);
    end += bytes.length;
  }
  const weights = parts.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const json = JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights }] });
  const written = [
    promises.writeFile(join(folder, 'model.json'), json),
    promises.writeFile(join(folder, 'weights.bin'), joined),
  ];
  const held = performance.now() - startedAt;
  await Promise.all(written);
  return { held, total: performance.now() - startedAt };
}

/** How much of the speed of training is left while saves go on, in per cent, with its quartiles. */
async function throughput(saver: BackgroundSaver, step: () => unknown): Promise<string> {
  const rate = async (isSaving: boolean): Promise<number> => {
    const startedAt = performance.now();
    let isOver = false;
    const saves = isSaving
      ? (async () => {
          while (!isOver) await saver.save();
        })()
      : undefined;
    let steps = 0;
    while (performance.now() - startedAt < TRAINED_MS) {
      await step();
      steps++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const perSecond = (steps * 1000) / (performance.now() - startedAt);
    isOver = true;
    await saves;
    return perSecond;
  };
  const parts: number[] = [];
  // Side by side, so that what else the machine does hits both.
  for (let round = -1; round < 5; round++) {
    const [without, during, after] = [await rate(false), await rate(true), await rate(false)];
    if (round >= 0) parts.push((200 * during) / (without + after));
  }
  const { median, low, high } = measuredOf(parts);
  return `${median.toFixed(0)} % (${low.toFixed(0)}–${high.toFixed(0)})`;
}

let sink = 0;

function cpuStep(): void {
  for (let i = 0; i < 1_000_000; i++) sink = (sink * 1.000_001 + i) % 1009;
}

async function mlpStep(): Promise<() => unknown> {
  const backend = await startBackend();
  if (backend !== 'wasm') throw new Error(`expected the backend wasm, received ${backend}`);
  const model = mlp(1);
  model.compile({ optimizer: train.adam(0.001), loss: 'meanSquaredError' });
  const images = tensor2d(
    Float32Array.from({ length: BATCH * PIXELS }, (_, i) => (i * 7) % 5),
    [BATCH, PIXELS],
  );
  const labels = tensor2d(
    Float32Array.from({ length: BATCH * 10 }, (_, i) => (i % 11 === 0 ? 1 : 0)),
    [BATCH, 10],
  );
  return () => model.trainOnBatch(images, labels);
}

function rawWrite(path: string, block: Uint8Array): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx');
  for (let at = 0; at < block.length; at += PIECE_BYTES) writeSync(file, block.subarray(at, at + PIECE_BYTES));
  fsyncSync(file);
  closeSync(file);
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
