// Checkpoints larger than what Node reads at once, savers slower than training, and a thousand runs in one process.

import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing } from '../faults/needs.js';
import { counted, isSoak, times } from '../faults/soak.js';
import type { LargeCheckpoint } from './large-checkpoint.js';
import type { ManyCycles } from './many-cycles.js';
import type { SlowStore } from './slow-store.js';
import { runProgram } from './start-program.js';

const test = suite('what a run takes');
const MIB = 2 ** 20;
/** What saving or reading may take besides the state, and what a program of Node grows by in any case. */
const FIXED_BYTES = 64 * MIB;
const CGROUP = `/sys/fs/cgroup/memory/tidemark-${process.pid}`;
const mib = (bytes: number): number => Math.round(bytes / MIB);

for (const format of ['tensor-bundle', 'safetensors']) {
  test(`a large checkpoint takes the memory of the state, and little else, to save and read, and to verify only little: ${format}`, async () => {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-large-'));
    // The first is larger than what one call reads or writes.
    const sizes = [times(40, 2560) * MIB, times(8, 512) * MIB];
    const stateBytes = sizes.reduce((sum, size) => sum + size, 0);
    const hasLimit = isSoak && missing(['root', 'memory cgroups']).length === 0;
    if (isSoak && !hasLimit) console.log('\nskipped: a limit of memory for a large checkpoint: no memory cgroups');
    // The cache of the file system counts as well, so that what is written must go to the disk meanwhile.
    const limit = hasLimit
      ? `mkdir -p ${CGROUP} && echo ${4096 * MIB} > ${CGROUP}/memory.limit_in_bytes && echo $$ > ${CGROUP}/cgroup.procs`
      : ':';
    try {
      for (const [what, expectedBytes] of [
        ['save', stateBytes],
        // Piece by piece.
        ['verify', 0],
        ['restore', stateBytes],
      ] as const) {
        const options = { path, format, sizes, what };
        const { peakBytes } = await runProgram<LargeCheckpoint>('large-checkpoint', options, limit);
        counted(`${what} of a large checkpoint, ${format}${hasLimit ? ', with 4096 MiB of memory' : ''}`, {
          'MiB of state': mib(stateBytes),
          'MiB in memory': mib(peakBytes),
        });
        assert.ok(
          peakBytes <= expectedBytes + FIXED_BYTES,
          `${what}: ${mib(peakBytes)} MiB for ${mib(expectedBytes)} MiB of state`,
        );
      }
    } finally {
      rmSync(path, { recursive: true, force: true });
      if (hasLimit) rmdirSync(CGROUP);
    }
  });
}

for (const overlap of ['latest', 'skip'] as const) {
  test(`a saver a hundred times slower than a step does not let memory grow: ${overlap}`, async () => {
    const stateBytes = 2 * MIB;
    const steps = times(1500, 10_000);
    const found = await runProgram<SlowStore>('slow-store', { steps, overlap, stateBytes, saveMs: 150 });
    assert.ok(found.saves >= 3, JSON.stringify(found));
    assert.ok(found.grownBytes < 2 * stateBytes + 32 * MIB, `${mib(found.grownBytes)} MiB`);
    counted(`a saver slower than training, ${overlap}`, {
      steps: found.steps,
      saves: found.saves,
      'times slower than a step': Math.round(found.secondsOfSave / found.secondsOfSteps),
      'MiB grown': mib(found.grownBytes),
    });
  });
}

test('run after run leaves nothing open, with 64 descriptors for all of them', async () => {
  const cycles = times(40, 1000);
  const found = await runProgram<ManyCycles>('many-cycles', { cycles }, 'ulimit -n 64');
  assert.equal(found.handlesAfter, found.handlesBefore);
  assert.equal(found.filesAfter, found.filesBefore);
  assert.is(found.listenersAfter, found.listenersBefore);
  assert.is(found.lastStep, cycles * 3);
  counted('runs of one process under ulimit -n 64', { runs: cycles, 'descriptors, handles, listeners left': 0 });
});

test.run();
