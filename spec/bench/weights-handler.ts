import { promises } from 'node:fs';
import { join } from 'node:path';
import type { Tensors } from '../../lib/tensor/tensor.js';
import type { SaveTimes } from './background-saver.js';

/** What tfjs-node's file handler does with weights that were read out: joins them, then writes two files. Not durable. */
export async function saveWithWeightsHandler(folder: string, tensors: Tensors): Promise<SaveTimes> {
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
