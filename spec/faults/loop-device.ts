import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sh } from './needs.js';

export type DiskFormat = 'ext4' | 'xfs';

const SIZE: Readonly<Record<DiskFormat, string>> = { ext4: '64M', xfs: '320M' };
const shutDown = fileURLToPath(new URL('shut-down.py', import.meta.url));

/** A disk of its own, in a file, whose power can be cut. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** Cuts the power: from here on every operation fails, and what was not synced never gets to the disk. */
  cut(): void;
  /** Switches it on again, once nobody uses it any more: the journal is replayed. */
  restore(): void;
  dispose(): void;
}

export function loopDisk(format: DiskFormat): LoopDisk {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-disk-'));
  const [image, path] = [join(folder, 'image'), join(folder, 'mounted')];
  sh('truncate', '-s', SIZE[format], image);
  sh(`mkfs.${format}`, '-q', image);
  sh('mkdir', path);
  const mount = (): string => sh('mount', '-o', 'loop', image, path);
  mount();
  return {
    path,
    cut: () => void sh('python3', shutDown, path),
    restore() {
      sh('umount', path);
      mount();
    },
    dispose() {
      sh('umount', path);
      rmSync(folder, { recursive: true });
    },
  };
}
