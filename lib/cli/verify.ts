import { join, resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import {
  CheckpointNotFoundError,
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
import { describeError, faultText } from './describe-error.js';
import type { Io } from './io.js';
import { isFolder } from './is-folder.js';
import { checkpointPath } from './open-checkpoint.js';
import { noSuchRun } from './open-run.js';
import { printable } from './printable.js';
import { RUNS } from './runs-folder.js';
import { UsageError } from './usage-error.js';

const MOST_FAULTS = 5;
/** A name that tells the step, which outdoes the `global_step` of a program that never counted. */
const HAS_STEP = /-\d+$/;

interface Report {
  readonly prefix: string;
  readonly step: number;
  readonly isOurs: boolean;
  readonly faults: readonly string[];
}

/**
 * Reads every checkpoint of a run, or one, and compares every checksum. The last line is the step of the newest valid
 * one, or `none`; exit code 3 unless that is the newest of all. Writes nothing, takes no lock.
 */
export async function verify(path: string, { json = false }: { readonly json?: boolean }, io: Io): Promise<number> {
  const reports = await reportsOn(path, io).catch((error: unknown) => {
    if (!(error instanceof UsageError) && !(error instanceof CheckpointNotFoundError)) throw error;
    // Who reads the last line alone is told `none`.
    io.err(describeError(error, io).text);
    return [];
  });

  const newest = reports.at(-1);
  const newestValid = reports.findLast(({ faults }) => faults.length === 0);
  if (json) {
    const checkpoints = reports.map(({ prefix, step, faults }) => ({
      prefix,
      step,
      faults,
      valid: faults.length === 0,
    }));
    io.out(`${JSON.stringify({ checkpoints, newestValid: newestValid?.step ?? null })}\n`);
  } else {
    const width = Math.max(0, ...reports.map(({ prefix }) => printable(prefix).length));
    for (const report of reports) io.out(linesOf(report, width));
    if (reports.length > 0) io.err(`${verdictOn(reports, newestValid)}\n`);
    io.out(`${newestValid?.step ?? 'none'}\n`);
  }
  return newest !== undefined && newest === newestValid ? 0 : 3;
}

function verdictOn(reports: readonly Report[], newestValid: Report | undefined): string {
  const bad = reports.filter(({ faults }) => faults.length > 0).length;
  const use =
    newestValid === undefined ? 'nothing to resume from' : `resume would use ${printable(newestValid.prefix)}`;
  return `${reports.length - bad} good, ${bad} bad${newestValid?.isOurs === false ? '' : ` · ${use}`}`;
}

/** Of the run at `path`, which may be a name below `runs`, or else of the checkpoint there. */
async function reportsOn(path: string, io: Io): Promise<readonly Report[]> {
  const folder = [resolve(io.cwd, path), join(io.cwd, RUNS, path)].find(isFolder);
  if (folder !== undefined) return reportsOf(fileStore(folder));
  const { dir, prefix } = checkpointPath(io.cwd, path);
  if (!isFolder(dir)) throw noSuchRun(io, path, 'verify');
  const store = fileStore(dir);
  const found = await lastValueFrom(findCheckpoints(store, [tensorBundle(), safetensors()]));
  const one = found.find((checkpoint) => checkpoint.prefix === prefix);
  if (one !== undefined) return [await reportOn(store, one)];
  if (!path.includes('/')) throw noSuchRun(io, path, 'verify');
  throw new CheckpointNotFoundError(prefix, store.location);
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
      const step = isOurs || HAS_STEP.test(prefix) ? globalStep : (storedStep(checkpoint) ?? 0);
      return { prefix, step, isOurs, faults };
    } finally {
      checkpoint.close();
    }
  } catch (error) {
    return { prefix, step: globalStep, isOurs, faults: [faultText(error)] };
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

function linesOf({ prefix, step, faults: [first, ...others] }: Report, width: number): string {
  const lines = [
    `${printable(prefix).padEnd(width)}  step ${step}  ${first === undefined ? 'good' : `BAD   ${first}`}`,
  ];
  for (const fault of others.slice(0, MOST_FAULTS - 1)) lines.push(`    ${fault}`);
  if (others.length >= MOST_FAULTS) lines.push(`    … ${others.length - MOST_FAULTS + 1} more`);
  return `${lines.join('\n')}\n`;
}
