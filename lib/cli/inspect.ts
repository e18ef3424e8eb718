import { dirname, resolve } from 'node:path';
import type { CheckpointEntry, ReadableCheckpoint } from '../index.js';
import { hashTensor, readRunRecord } from '../node.js';
import { faultText } from './describe-error.js';
import { type TensorStatistics, tensorStatistics } from './inspect/tensor-statistics.js';
import type { Io } from './io.js';
import { jsonNumber } from './json-number.js';
import { openCheckpoint } from './open-checkpoint.js';
import { printable } from './printable.js';
import { sizeText } from './size-text.js';
import { tableText } from './table-text.js';

export interface InspectFlags {
  readonly json?: boolean;
  /** Whether the JSON has more than what tells whether two checkpoints hold the same. */
  readonly stats?: boolean;
}

/** A tensor that was read and verified. */
interface Inspected {
  readonly entry: CheckpointEntry;
  readonly dtype: string;
  /** `undefined` for what cannot be read. */
  readonly sha256?: string;
  readonly statistics?: TensorStatistics | undefined;
  readonly fault?: string;
}

/**
 * Lists the tensors of a checkpoint, each read and verified. Exit code 3 if one of them is damaged.
 *
 * A tensor of a kind that cannot be held here, such as `variant`, is listed without a hash, and is no damage.
 */
export async function inspect(path: string, { json = false, stats = false }: InspectFlags, io: Io): Promise<number> {
  const checkpoint = await openCheckpoint(io.cwd, path);
  try {
    const inspected = checkpoint.entries.map((entry) => inspectTensor(checkpoint, entry));
    const faults = inspected.filter(({ fault }) => fault !== undefined);
    if (json) {
      const tensors = inspected.map((tensor) => asJson(tensor, stats));
      const more = stats ? { checkpoint: checkpoint.prefix, ...recordOf(checkpoint) } : {};
      io.out(`${JSON.stringify({ ...more, tensors }, jsonNumber, 1)}\n`);
    } else {
      io.out(`${titleOf(checkpoint, dirname(resolve(io.cwd, path)))}\n${table(inspected)}\n`);
    }
    for (const { entry, fault = '' } of faults) io.err(`error  ${printable(entry.name)}: ${printable(fault, 1000)}\n`);
    return faults.length > 0 ? 3 : 0;
  } finally {
    checkpoint.close();
  }
}

function inspectTensor(checkpoint: ReadableCheckpoint, entry: CheckpointEntry): Inspected {
  const { name, dtype, storedDtype } = entry;
  if (dtype === undefined) return { entry, dtype: storedDtype };
  try {
    const tensor = checkpoint.read(name);
    return { entry, dtype, sha256: hashTensor(tensor), statistics: tensorStatistics(tensor) };
  } catch (error) {
    return { entry, dtype, fault: faultText(error) };
  }
}

function asJson({ entry, dtype, sha256 = undefined, statistics, fault }: Inspected, stats: boolean): object {
  const { name, shape, sizeBytes } = entry;
  const plain = { name, dtype, shape, sha256: sha256 ?? null };
  if (!stats) return plain;
  return { ...plain, sizeBytes, crc32c: checksumText(entry) || null, ...statistics, ...(fault ? { fault } : {}) };
}

function recordOf({ record }: ReadableCheckpoint): object {
  if (record === undefined) return {};
  const { globalStep, savedAt, parent, metrics, format } = record;
  return { globalStep, savedAt, parent, metrics: Object.fromEntries(metrics), format };
}

/** A tensor in slices has a checksum for each slice, and none of its own. */
function checksumText({ crc32c = 0 }: CheckpointEntry): string {
  return crc32c === 0 ? '' : crc32c.toString(16).padStart(8, '0');
}

/** `step 437 · written 2026-11-20 12:01:09Z by tidemark 0.1.0, node 22.23.3 · seed 7 · tensor-bundle · loss 0.3098`. */
function titleOf({ prefix, record }: ReadableCheckpoint, folder: string): string {
  if (record === undefined) return printable(prefix);
  const run = runRecordOf(folder);
  const versions = [...(run?.versions ?? [])].map(([name, version]) => `${name} ${version}`);
  const at = new Date(record.savedAt * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z');
  return [
    `step ${record.globalStep}`,
    `written ${at}${versions.length > 0 ? ` by ${versions.join(', ')}` : ''}`,
    ...(run?.seed === undefined ? [] : [`seed ${run.seed}`]),
    record.format,
    ...[...record.metrics].slice(0, 3).map(([name, value]) => `${name} ${short(value)}`),
  ]
    .map((part) => printable(part))
    .join(' · ');
}

/** What the run says of itself that this is a checkpoint of, if it says anything. */
function runRecordOf(folder: string) {
  try {
    return readRunRecord(folder)?.record;
  } catch {
    // Damaged: that is no matter of the checkpoint.
    return undefined;
  }
}

function table(inspected: readonly Inspected[]): string {
  const rows = inspected.map(({ entry, dtype, sha256, statistics, fault }) => {
    const { min, max, mean, nans = 0, infinities = 0 } = statistics ?? {};
    const odd = [...(nans > 0 ? [`${nans} NaN`] : []), ...(infinities > 0 ? [`${infinities} infinite`] : [])].join(
      ', ',
    );
    const verdict = fault !== undefined ? 'BAD' : sha256 === undefined ? 'not readable here' : 'good';
    return [
      printable(entry.name, 60),
      dtype,
      entry.shape.length === 0 ? 'scalar' : entry.shape.join('×'),
      String(entry.sizeBytes),
      short(min),
      short(max),
      short(mean),
      checksumText(entry),
      odd === '' ? verdict : `${verdict}, ${odd}`,
    ];
  });
  const bad = inspected.filter(({ fault }) => fault !== undefined).length;
  const bytes = inspected.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
  return [
    ...tableText(['NAME', 'DTYPE', 'SHAPE', 'BYTES', 'MIN', 'MAX', 'MEAN', 'CRC32C', ''], rows),
    `${inspected.length} ${inspected.length === 1 ? 'tensor' : 'tensors'} · ${sizeText(bytes)} · ${bad === 0 ? 'all checksums good' : `${bad} BAD`}`,
  ].join('\n');
}

function short(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(4)));
}
