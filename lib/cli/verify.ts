import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import {
  type CheckpointStore,
  type FoundCheckpoint,
  findCheckpoints,
  readCheckpoint,
  safetensors,
  tensorBundle,
} from '../index.js';
import { fileStore } from '../node.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

/**
 * Reads every checkpoint of a folder and compares every checksum. The last line is the step of the newest valid one, or
 * `none`; exit code 3 unless that is the newest of all.
 */
export async function verify(
  directory: string,
  { json = false }: { readonly json?: boolean },
  io: Io,
): Promise<number> {
  const folder = resolve(io.cwd, directory);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    io.err(`error  ${printable(directory)} is not a folder\n`);
    return 3;
  }
  const store = fileStore(folder);
  const found = await lastValueFrom(findCheckpoints(store, [tensorBundle(), safetensors()]));
  const reports = [];
  for (const checkpoint of found) reports.push({ checkpoint, faults: await faultsOf(store, checkpoint) });

  const newestValid = reports.filter(({ faults }) => faults.length === 0).at(-1);
  const isNewestValid = reports.length > 0 && newestValid === reports.at(-1);
  if (json) {
    const checkpoints = reports.map(({ checkpoint, faults }) => ({
      prefix: checkpoint.prefix,
      step: checkpoint.globalStep,
      valid: faults.length === 0,
      faults,
    }));
    io.out(`${JSON.stringify({ checkpoints, newestValid: newestValid?.checkpoint.globalStep ?? null })}\n`);
    return isNewestValid ? 0 : 3;
  }
  for (const { checkpoint, faults } of reports) {
    const verdict = faults.length === 0 ? 'good' : `BAD   ${printable(faults[0] ?? '')}`;
    io.out(`${printable(checkpoint.prefix)}  step ${checkpoint.globalStep}  ${verdict}\n`);
    for (const fault of faults.slice(1, 5)) io.out(`    ${printable(fault)}\n`);
    if (faults.length > 5) io.out(`    … ${faults.length - 5} more\n`);
  }
  io.out(`${newestValid?.checkpoint.globalStep ?? 'none'}\n`);
  return isNewestValid ? 0 : 3;
}

async function faultsOf(store: CheckpointStore, { prefix }: FoundCheckpoint): Promise<readonly string[]> {
  try {
    const checkpoint = await lastValueFrom(readCheckpoint(store, prefix));
    try {
      return [...checkpoint.verify()].filter(({ fault }) => fault !== undefined).map(({ fault }) => textOf(fault));
    } finally {
      checkpoint.close();
    }
  } catch (error) {
    return [textOf(error)];
  }
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
