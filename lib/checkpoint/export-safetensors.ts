import { defer, type Observable, of } from 'rxjs';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { checkPath } from '../error/check-path.js';
import { encodeSafetensors } from '../format/safetensors/encode-safetensors.js';
import { encodeShardIndex } from '../format/safetensors/encode-shard-index.js';
import { planShards, type ShardPlan } from '../format/safetensors/plan-shards.js';
import { attemptName } from '../store/file/attempt-name.js';
import { makeFolder } from '../store/file/make-folder.js';
import { replaceFile } from '../store/file/replace-file.js';
import { writeNewFile } from '../store/file/write-new-file.js';
import type { FileSystem } from '../store/file-system.js';
import { nodeProcessTable } from '../store/lock/node-process-table.js';
import { nodeFileSystem } from '../store/node-file-system.js';
import type { Tensor, Tensors } from '../tensor/tensor.js';

export interface ExportSafetensorsOptions {
  /** The most bytes of tensors in one file; a larger tensor has a file of its own. @default 5,000,000,000 */
  readonly maxShardBytes?: number | undefined;
  /** Texts for the files' `__metadata__`. PyTorch's tools want `{ format: 'pt' }`. @default none */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** @default the machine's */
  readonly fileSystem?: FileSystem | undefined;
}

const OPTIONS: OptionNames<ExportSafetensorsOptions> = { maxShardBytes: true, metadata: true, fileSystem: true };

/**
 * Writes weights, and nothing else, for others to use: `model.safetensors`, or shards with
 * `model.safetensors.index.json` if they are larger than one file may be. Acts on subscription, once, and emits the
 * files' names when they are durable.
 *
 * Shards come before the index, and each file is there whole or not at all. The shards of an earlier, larger export are
 * removed last, since tools that take all files of the folder would read them.
 *
 * @throws UnsupportedDataError for a tensor that the format cannot hold, before anything is written
 * @throws what the file system throws, as it is
 *
 * @example
 * const { tensors } = state.model.capture();
 * exportSafetensors('export', tensors).subscribe();
 */
export function exportSafetensors(
  folder: string,
  tensors: Tensors,
  options: ExportSafetensorsOptions = {},
): Observable<readonly string[]> {
  checkOptions('exportSafetensors(options)', options, OPTIONS);
  const { maxShardBytes = 5_000_000_000, metadata = {}, fileSystem: fs = nodeFileSystem } = options;
  checkPath('exportSafetensors(folder)', folder);
  checkMethods('exportSafetensors(tensors)', 'tensors by name, in a Map', tensors, ['get', 'keys']);
  const shards = planShards(tensors, maxShardBytes);
  return defer(() => {
    const path = fs.resolve(folder);
    makeFolder(fs, path);
    const newPath = (): string => `${path}/${attemptName(nodeProcessTable.self())}`;
    // All headers are made, and all tensors checked, before the first byte is written.
    const encoded = shards.map((shard) => ({
      shard,
      files: encodeSafetensors(entriesOf(shard, tensors), { metadata }),
    }));
    for (const { shard, files } of encoded) {
      for (const { chunks } of files) writeFile(fs, `${path}/${shard.fileName}`, newPath(), chunks);
    }
    fs.syncDir(path);
    const written = shards.map(({ fileName }) => fileName);
    if (shards.length > 1) {
      replaceFile(fs, path, INDEX_NAME, newPath(), encodeIndex(shards));
      written.push(INDEX_NAME);
    }
    const stale = fs.readdir(path).filter((name) => EXPORTED.test(name) && !written.includes(name));
    for (const name of stale) fs.unlink(`${path}/${name}`);
    if (stale.length > 0) fs.syncDir(path);
    return of(written);
  });
}

const INDEX_NAME = 'model.safetensors.index.json';
/** The names that an export gives, and no others. */
const EXPORTED = /^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/;

function* entriesOf({ names }: ShardPlan, tensors: Tensors): Generator<readonly [string, Tensor]> {
  for (const name of names) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) yield [name, tensor];
  }
}

function writeFile(fs: FileSystem, path: string, temporary: string, chunks: Iterable<Uint8Array>): void {
  try {
    writeNewFile(fs, temporary, chunks);
    fs.rename(temporary, path);
  } catch (error) {
    try {
      fs.unlink(temporary);
    } catch {
      // Never created, or gone with what failed.
    }
    throw error;
  }
}

function encodeIndex(shards: readonly ShardPlan[]): Uint8Array {
  const totalSizeBytes = shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const weightMap = new Map(shards.flatMap(({ fileName, names }) => names.map((name) => [name, fileName] as const)));
  return encodeShardIndex({ totalSizeBytes, weightMap });
}
