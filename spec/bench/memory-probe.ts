// A process of its own that saves once, and says by how much its memory grew at the most: `tsx memory-probe.ts
// <sync|async> <tensors> <bytes each> <folder>`. Prints one line of JSON.

import { readFileSync } from 'node:fs';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { fileStore } from '../../lib/store/file-store.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import type { Tensor } from '../../lib/tensor/tensor.js';
import { openBackground } from './open-background.js';

const [mode = 'sync', count = '100', bytes = '1000000', folder = ''] = process.argv.slice(2);

const block = new Uint8Array(Number(count) * Number(bytes)).fill(7);
const tensors = new Map<string, Tensor>();
for (let i = 0; i < Number(count); i++) {
  const view = block.subarray(i * Number(bytes), (i + 1) * Number(bytes));
  tensors.set(`model/w${i}`, { dtype: 'uint8', shape: [view.length], bytes: view });
}
const snapshot: StateSnapshot = { globalStep: 1, tensors, json: { parts: {} } };
const before = process.memoryUsage.rss();
if (mode === 'sync') {
  const saver = await firstValueFrom(storeSaver(fileStore(folder)).open());
  await firstValueFrom(saver.save(snapshot, new Map()));
  saver.close();
} else {
  const writer = await openBackground(folder, 1);
  const taken = await firstValueFrom(writer.take(snapshot, new Map()));
  await lastValueFrom(taken.write());
  taken.release();
  writer.close();
}
// The kernel's own mark: nothing between two looks is missed.
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
console.log(JSON.stringify({ beforeBytes: before, peakBytes: peak, stateBytes: block.length }));
