import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../lib/session/random.js';
import { expectTidy, lookAtFolder } from './look-at-folder.js';
import { type DiskFormat, type LoopDisk, loopDisk } from './loop-device.js';
import { testWith } from './needs.js';
import { counted, isSoak, seed, times } from './soak.js';
import { startTrainer } from './start-trainer.js';

const test = suite('a power cut while a trainer saves');
const LONGEST_MS = 400;
const SIZE_BYTES = 60_000;
const NEVER = 1_000_000;

for (const format of ['ext4', 'xfs'] satisfies DiskFormat[]) {
  const tools = ['root', 'loop devices', `mkfs.${format}`, 'python3'] as const;

  testWith(test, tools, `takes back nothing that was acknowledged, on ${format}`, async () => {
    const disk = loopDisk(format);
    const instants = random(seed, format);
    const counts = { cuts: 0, 'acknowledged saves': 0, violations: 0 };
    const folder = join(disk.path, 'run');
    try {
      let acknowledged: number | undefined;
      for (; counts.cuts < times(4, 500); counts.cuts++) {
        // Now and then the folder itself is new.
        if (counts.cuts % 10 === 0) {
          rmSync(folder, { recursive: true, force: true });
          acknowledged = undefined;
        }
        const saved = await trainUntilCut(disk, folder, instants, false);
        acknowledged = saved.at(-1) ?? acknowledged;
        counts['acknowledged saves'] += saved.length;
        lookAtFolder(folder, acknowledged, `${format}, seed ${seed}, cut ${counts.cuts}`);
      }
      const goal = (acknowledged ?? 0) + 10;
      const { code, stderr } = await startTrainer({ dir: folder, steps: goal, 'size-bytes': SIZE_BYTES }).ended;
      assert.is(code, 0, stderr);
      expectTidy(folder, format);
      counted(`power cuts on ${format}`, counts);
    } finally {
      disk.dispose();
    }
  });

  if (!isSoak) continue;
  testWith(test, tools, `is noticed by this spec where nothing is synced, on ${format}`, async () => {
    const disk = loopDisk(format);
    const instants = random(seed, `control ${format}`);
    const cuts = times(2, 30);
    let losses = 0;
    try {
      for (let cut = 0; cut < cuts; cut++) {
        const folder = join(disk.path, `run-${cut}`);
        const saved = await trainUntilCut(disk, folder, instants, true);
        try {
          lookAtFolder(folder, saved.at(-1), 'control');
        } catch {
          losses++;
        }
      }
      counted(`control without any fsync on ${format}`, { cuts, 'cuts that lost acknowledged saves': losses });
      assert.ok(losses > cuts / 2, `only ${losses} of ${cuts} cuts lost what was never synced: the cut does not cut`);
    } finally {
      disk.dispose();
    }
  });
}

/**
 * Trains, cuts the power a while after the first save, and switches it on again. Returns the acknowledged steps: all
 * that were ever said, for after the cut every sync fails.
 */
async function trainUntilCut(
  disk: LoopDisk,
  folder: string,
  instants: ReturnType<typeof random>,
  isControl: boolean,
): Promise<readonly number[]> {
  // With a pause after a save, nothing that comes later syncs by the way what the save itself did not.
  const stepMs = instants.nextUint32() % 4 === 0 ? 5 : 60;
  const waitMs = (LONGEST_MS * instants.nextUint32()) / 2 ** 32;
  let isFirst = true;
  const { ended } = startTrainer(
    {
      dir: folder,
      steps: NEVER,
      'step-ms': stepMs,
      'size-bytes': SIZE_BYTES,
      ...(isControl ? { 'no-sync': true } : {}),
    },
    {
      onLine: (line, child) => {
        if (!isFirst || !line.startsWith('saved')) return;
        isFirst = false;
        void sleep(waitMs).then(() => {
          disk.cut();
          child.kill('SIGKILL');
        });
      },
    },
  );
  const { saved, stderr } = await ended;
  assert.not.ok(isFirst, `the trainer ended before its first save: ${stderr}`);
  disk.restore();
  return saved;
}

test.run();
