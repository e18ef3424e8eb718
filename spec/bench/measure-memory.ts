import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a process of its own needed for one save. */
export interface MemoryUse {
  /** With the state, before anything of the saver. */
  readonly beforeBytes: number;
  /** At the most, as the kernel counts it. */
  readonly peakBytes: number;
  readonly stateBytes: number;
}

/** Saves a state of that many tensors in a process of its own; needs Linux. */
export async function measureMemory(mode: 'sync' | 'async', tensors: number, bytesEach: number): Promise<MemoryUse> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-memory-'));
  try {
    const probe = fileURLToPath(new URL('./memory-probe.ts', import.meta.url));
    const parts = ['--import', 'tsx', probe, mode, String(tensors), String(bytesEach), folder];
    const { stdout } = await promisify(execFile)(process.execPath, parts);
    return JSON.parse(stdout) as MemoryUse;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
