import { resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import {
  type CheckpointStore,
  type FoundCheckpoint,
  findCheckpoints,
  type ReadableCheckpoint,
  readCheckpoint,
  safetensors,
  tensorBundle,
  tensorValues,
  UnsupportedDataError,
} from '../index.js';
import { fileStore } from '../node.js';
import { faultText } from './describe-error.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { printable } from './printable.js';

const MOST_FAULTS = 5;
/** A name that tells the step, which outdoes the `global_step` of a program that never counted. */
const HAS_STEP = /-\d+$/;

interface Report {
  readonly prefix: string;
  readonly step: number;
  readonly faults: readonly string[];
}

/**
 * Reads every checkpoint of a folder and compares every checksum. The last line is the step of the newest valid one, or
 * `none`; exit code 3 unless that is the newest of all. Writes nothing, takes no lock.
 */
export async function verify(
  directory: string,
  { json = false }: { readonly json?: boolean },
  io: Io,
): Promise<number> {
  const folder = resolve(io.cwd, directory);
  const isThere = isFolder(folder);
  if (!isThere) io.err(`error  ${printable(directory)} is not a folder\n`);
  const reports = isThere ? await reportsOf(fileStore(folder)) : [];

  const newest = reports.at(-1);
  const newestValid = reports.findLast(({ faults }) => faults.length === 0);
  if (json) {
    const checkpoints = reports.map((report) => ({ ...report, valid: report.faults.length === 0 }));
    io.out(`${JSON.stringify({ checkpoints, newestValid: newestValid?.step ?? null })}\n`);
  } else {
    for (const report of reports) io.out(linesOf(report));
    io.out(`${newestValid?.step ?? 'none'}\n`);
  }
  return newest !== undefined && newest === newestValid ? 0 : 3;
}

/** Oldest step first. */
async function reportsOf(store: CheckpointStore): Promise<readonly Report[]> {
  const found = await lastValueFrom(findCheckpoints(store, [tensorBundle(), safetensors()]));
  const reports: Report[] = [];
  for (const checkpoint of found) reports.push(await reportOn(store, checkpoint));
  return reports.sort((a, b) => a.step - b.step);
}

async function reportOn(store: CheckpointStore, { prefix, globalStep, isOurs }: FoundCheckpoint): Promise<Report> {
  try {
    const checkpoint = await lastValueFrom(readCheckpoint(store, prefix));
    try {
      const faults = [...checkpoint.verify()]
        .filter(({ fault }) => isDamage(fault))
        .map(({ fault }) => faultText(fault));
      return { prefix, step: isOurs || HAS_STEP.test(prefix) ? globalStep : (storedStep(checkpoint) ?? 0), faults };
    } finally {
      checkpoint.close();
    }
  } catch (error) {
    return { prefix, step: globalStep, faults: [faultText(error)] };
  }
}

/** A tensor of a kind that cannot be held here, such as `variant`, is not damaged for that. */
function isDamage(fault: unknown): boolean {
  return fault !== undefined && !(fault instanceof UnsupportedDataError);
}

/** The `global_step` that TensorFlow's own sessions save. */
function storedStep(checkpoint: ReadableCheckpoint): number | undefined {
  try {
    const tensor = checkpoint.read('global_step');
    if (tensor.dtype !== 'int64' || tensor.shape.length > 0) return undefined;
    const step = Number(tensorValues(tensor)[0]);
    return Number.isSafeInteger(step) && step >= 0 ? step : undefined;
  } catch {
    // Not there, or damaged, which was told.
    return undefined;
  }
}

function linesOf({ prefix, step, faults: [first, ...others] }: Report): string {
  const lines = [`${printable(prefix)}  step ${step}  ${first === undefined ? 'good' : `BAD   ${first}`}`];
  for (const fault of others.slice(0, MOST_FAULTS - 1)) lines.push(`    ${fault}`);
  if (others.length >= MOST_FAULTS) lines.push(`    … ${others.length - MOST_FAULTS + 1} more`);
  return `${lines.join('\n')}\n`;
}
