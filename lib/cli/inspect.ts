import type { CheckpointEntry, ReadableCheckpoint } from '../index.js';
import { hashTensor } from '../node.js';
import { faultText } from './describe-error.js';
import type { Io } from './io.js';
import { openCheckpoint } from './open-checkpoint.js';
import { printable } from './printable.js';

interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** `null` for what cannot be read. */
  readonly sha256: string | null;
}

/**
 * Lists the tensors of a checkpoint, each read and verified. Exit code 3 if one of them is damaged.
 *
 * A tensor of a kind that cannot be held here, such as `variant`, is listed without a hash, and is no damage.
 */
export async function inspect(path: string, { json = false }: { readonly json?: boolean }, io: Io): Promise<number> {
  const checkpoint = await openCheckpoint(io.cwd, path);
  try {
    const inspected = checkpoint.entries.map((entry) => inspectTensor(checkpoint, entry));
    const faults = inspected.filter(({ fault }) => fault !== undefined);
    if (json) io.out(`${JSON.stringify({ tensors: inspected.map(({ tensor }) => tensor) }, null, 1)}\n`);
    else io.out(table(checkpoint, inspected));
    for (const { tensor, fault } of faults)
      io.err(`error  ${printable(tensor.name)}: ${printable(fault ?? '', 1000)}\n`);
    return faults.length > 0 ? 3 : 0;
  } finally {
    checkpoint.close();
  }
}

interface Inspected {
  readonly entry: CheckpointEntry;
  readonly tensor: InspectedTensor;
  readonly fault: string | undefined;
}

function inspectTensor(checkpoint: ReadableCheckpoint, entry: CheckpointEntry): Inspected {
  const { name, dtype, storedDtype, shape } = entry;
  if (dtype === undefined)
    return { entry, tensor: { name, dtype: storedDtype, shape, sha256: null }, fault: undefined };
  try {
    return { entry, tensor: { name, dtype, shape, sha256: hashTensor(checkpoint.read(name)) }, fault: undefined };
  } catch (error) {
    return { entry, tensor: { name, dtype, shape, sha256: null }, fault: faultText(error) };
  }
}

/** A tensor in slices has a checksum for each slice, and none of its own. */
function checksumText({ crc32c = 0 }: CheckpointEntry): string {
  return crc32c === 0 ? '' : crc32c.toString(16).padStart(8, '0');
}

function table(checkpoint: ReadableCheckpoint, inspected: readonly Inspected[]): string {
  const rows = inspected.map(({ entry, tensor, fault }) => [
    printable(tensor.name, 60),
    tensor.dtype,
    entry.shape.length === 0 ? 'scalar' : entry.shape.join('×'),
    String(entry.sizeBytes),
    checksumText(entry),
    fault !== undefined ? 'BAD' : tensor.sha256 === null ? 'not readable here' : 'good',
  ]);
  const header = ['NAME', 'DTYPE', 'SHAPE', 'BYTES', 'CRC32C', ''];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const bad = inspected.filter(({ fault }) => fault !== undefined).length;
  const bytes = inspected.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
  const { record } = checkpoint;
  const title =
    record === undefined
      ? checkpoint.prefix
      : `step ${record.globalStep} · written ${new Date(record.savedAt * 1000).toISOString()} · ${record.format}`;
  const verdict = bad === 0 ? 'all checksums good' : `${bad} BAD`;
  return `${printable(title)}\n${lines.join('\n')}\n${inspected.length} ${inspected.length === 1 ? 'tensor' : 'tensors'} · ${bytes} bytes · ${verdict}\n`;
}
