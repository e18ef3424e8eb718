// How long the loop is held by a save in the background, against the copy alone, a save on the loop's thread and what
// else one can do; and what becomes of training while one goes on.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { tensor, type Variable, variable } from '@tensorflow/tfjs-core';
import { startBackend } from '../../docs/examples/digits/backend.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { readTensors } from '../../lib/tfjs/variable-tensors.js';
import { BackgroundSaver, type SaveTimes } from './background-saver.js';
import { type BesideTraining, besideTraining, computingStep, mlpStep } from './beside-training.js';
import { type BenchmarkReport, interleaved, type Measured, measuredOf, ratio, spread } from './measure.js';
import { openBackground } from './open-background.js';
import { rawWrite } from './raw-write.js';
import { tensorsOf } from './tensors-of.js';
import { saveWithWeightsHandler } from './weights-handler.js';

const SIZES = [
  { name: '10 MB in 10 tensors', count: 10, bytes: 1_000_000, rounds: 15, warmUpRounds: 3 },
  { name: '100 MB in 100 tensors', count: 100, bytes: 1_000_000, rounds: 11, warmUpRounds: 3 },
  { name: '1 GB in 100 tensors', count: 100, bytes: 10_000_000, rounds: 5, warmUpRounds: 2 },
] as const;

export async function run(): Promise<BenchmarkReport> {
  const backend = await startBackend();
  if (backend !== 'wasm') throw new Error(`expected the backend wasm, received ${backend}`);
  const rows: string[][] = [];
  for (const size of SIZES) rows.push(...(await measureSize(size)));
  const [loop, tensorflow] = await measureTraining();
  return {
    title: 'Saves beside training, in milliseconds',
    columns: ['way', 'loop held', '÷ warm copy', 'until it is there', '÷ raw'],
    rows,
    notes: [
      'Background save: durable, checksummed, committed. Save on the loop’s thread: the same files.',
      'TensorFlow.js variables: those of the wasm backend, as `variablesPart` captures them.',
      'As TensorFlow.js’s file handler: the weights joined, JSON and weights.bin by `fs.promises.writeFile`.',
      'Goals: held ≤ 1.5 × the warm copy (reach 1.1 ×) and ≤ 15 % of the save on the loop’s thread; until it is durable ≤ 1.5 × raw write + fsync.',
      `Steps a second while saves of 100 MB follow one another without a pause, against none (goal 90 %): ${trainingText(loop)} for a loop that only computes, ${trainingText(tensorflow)} for TensorFlow.js training the digits example’s MLP at batch 64.`,
    ],
  };
}

const trainingText = ({ whileWriting, inAll }: BesideTraining): string =>
  `${percent(whileWriting)} while the thread writes, ${percent(inAll)} with the copies that hold the loop`;
const percent = ({ median, low, high }: Measured): string =>
  `${median.toFixed(0)} % (${low.toFixed(0)}–${high.toFixed(0)})`;

async function measureSize({ name, count, bytes, rounds, warmUpRounds }: (typeof SIZES)[number]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const { block, tensors } = tensorsOf(count, bytes);
  const variables = variablesOf(count, bytes);
  const background = new BackgroundSaver(await openBackground(join(folder, 'background'), 1), tensors);
  const ofTensorFlow = new BackgroundSaver(await openBackground(join(folder, 'tfjs'), 1), readTensors(variables));
  const sync = answerOf(storeSaver(fileStore(join(folder, 'sync')), { retention: keepLatest(1) }).open());
  const warm = new Uint8Array(new SharedArrayBuffer(block.length)).fill(1);
  const totals = { background: [] as number[], tensorFlow: [] as number[], handler: [] as number[] };
  const heldOf = async (kind: keyof typeof totals, save: () => Promise<SaveTimes>): Promise<number> => {
    const { held, total } = await save();
    totals[kind].push(total);
    return held;
  };
  let globalStep = 0;
  const m = await interleaved(
    {
      copy: () => timed(() => warm.set(block)),
      raw: () => rawWrite(join(folder, 'raw'), block),
      sync: () => {
        const snapshot = { globalStep: ++globalStep, tensors, json: { parts: {} } };
        const milliseconds = timed(() => answerOf(sync.save(snapshot, new Map())));
        sync.retain().subscribe();
        return milliseconds;
      },
      background: () => heldOf('background', () => background.save()),
      tensorFlow: () => heldOf('tensorFlow', () => ofTensorFlow.save()),
      handler: () => heldOf('handler', () => saveWithWeightsHandler(folder, tensors)),
      writeFile: () => timed(() => writeFileSync(join(folder, 'file'), block)),
      serialize: () => timed(() => writeFileSync(join(folder, 'v8'), serialize(tensors))),
    },
    { rounds, warmUpRounds },
  );
  background.close();
  ofTensorFlow.close();
  sync.close();
  for (const each of variables.values()) each.dispose();
  rmSync(folder, { recursive: true, force: true });

  const total = (kind: keyof typeof totals): Measured => measuredOf(totals[kind].slice(warmUpRounds));
  const row = (way: string, held: Measured, until: Measured = held): string[] => [
    `${name}: ${way}`,
    spread(held),
    ratio(held, m.copy),
    spread(until, 0),
    ratio(until, m.raw),
  ];
  return [
    [`${name}: warm copy`, spread(m.copy), '', '', ''],
    [`${name}: raw write + fsync`, spread(m.raw), ratio(m.raw, m.copy), spread(m.raw, 0), ''],
    row('save on the loop’s thread', m.sync),
    row('background save', m.background, total('background')),
    row('background save of TensorFlow.js variables', m.tensorFlow, total('tensorFlow')),
    row('as TensorFlow.js’s file handler, not durable', m.handler, total('handler')),
    row('fs.writeFileSync of one block, not durable', m.writeFile),
    row('v8.serialize and fs.writeFileSync, not durable', m.serialize),
  ];
}

async function measureTraining(): Promise<readonly [BesideTraining, BesideTraining]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const saver = new BackgroundSaver(await openBackground(folder, 2), tensorsOf(100, 1_000_000).tensors);
  const loop = await besideTraining(saver, computingStep);
  const tensorflow = await besideTraining(saver, mlpStep());
  saver.close();
  rmSync(folder, { recursive: true, force: true });
  return [loop, tensorflow];
}

function variablesOf(count: number, bytes: number): ReadonlyMap<string, Variable> {
  const values = new Float32Array(bytes / Float32Array.BYTES_PER_ELEMENT).map((_, i) => i);
  return new Map(Array.from({ length: count }, (_, i) => [`model/w${i}`, variable(tensor(values, [values.length]))]));
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
