// Saves in the background, many of them: whole, and in bounded memory.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counted, isSoak, times } from '../faults/soak.js';
import type { MemoryOfSaves } from './memory-of-saves.js';
import type { StampedSaves } from './stamped-saves.js';
import { runProgram } from './start-program.js';

const test = suite('background saves, many of them');
const MIB = 2 ** 20;
/** What a thread, its buffers and the garbage of both threads may take besides the copies of the state. */
const FIXED_BYTES = 64 * MIB;

for (const [format, overlap, share] of [
  ['tensor-bundle', 'latest', 0.3],
  ['tensor-bundle', 'wait', 0.2],
  ['safetensors', 'latest', 0.2],
  ['safetensors', 'skip', 0.3],
] as const) {
  test(`each is of one step, whole, while training goes on, and the last step is saved: ${format}, ${overlap}`, async () => {
    const saves = times(500, 10_000) * share;
    const found = await runProgram<StampedSaves>('stamped-saves', { saves, format, overlap });
    // The stop is asked for by the last of them, and then comes the last step.
    assert.ok(found.saves >= saves, JSON.stringify(found));
    assert.ok(found.steps >= saves - 1, JSON.stringify(found));
    assert.ok(found.lastStep > 0);
    assert.equal([found.lastSaved, found.restoredStep], [found.lastStep, found.lastStep]);
    counted(`stamped saves, ${format}, ${overlap}`, { saves: found.saves, steps: found.steps, mixed: 0 });
  });
}

for (const [format, overlap, copies] of [
  ['tensor-bundle', 'latest', 2],
  ['safetensors', 'latest', 2],
  ['tensor-bundle', 'wait', 1],
] as const) {
  if (!isSoak && format === 'safetensors') continue;
  test(`they take the memory of ${copies} copies of the state, and little else: ${format}, ${overlap}`, async () => {
    const stateBytes = times(48, 256) * MIB;
    const { peakBytes, saves, skipped } = await runProgram<MemoryOfSaves>('memory-of-saves', {
      saves: times(6, 20),
      stateBytes,
      format,
      overlap,
    });
    const bound = copies * stateBytes + FIXED_BYTES;
    const mib = (bytes: number): number => Math.round(bytes / MIB);
    assert.ok(peakBytes <= bound, `${mib(peakBytes)} MiB, expected at most ${mib(bound)}`);
    // It was measured while all copies were there.
    assert.ok(peakBytes >= copies * stateBytes * 0.9, `only ${mib(peakBytes)} MiB`);
    counted(`memory of saves, ${format}, ${overlap}`, {
      saves,
      skipped,
      'MiB of state': mib(stateBytes),
      'MiB above it': mib(peakBytes),
    });
  });
}

test.run();
