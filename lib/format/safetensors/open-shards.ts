import { checkFunction } from '../../error/check-function.js';
import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { ByteSource } from '../byte-source.js';
import { checkSource } from '../check-source.js';
import { decodeShardIndex } from './decode-shard-index.js';
import { openSafetensors } from './open-safetensors.js';
import type { SafetensorsEntry, SafetensorsReader } from './safetensors-reader.js';

/**
 * Opens a sharded set: reads the index and the headers of all its shards, and no data.
 *
 * Only tensors that the index lists are read. One that lies in a shard and is not listed there, a total size that is
 * another, and metadata that differs between shards are {@link SafetensorsReader.warnings}; of such metadata the first
 * shard's is kept.
 *
 * @param index the whole of `model.safetensors.index.json`
 * @param shard the file of that name in the folder of the index, or `undefined` if there is none; the name is no path
 * @throws CorruptDataError if a shard or a tensor that the index lists is missing, and as `decodeShardIndex` and
 *   `openSafetensors`
 */
export function openShards(index: ByteSource, shard: (name: string) => ByteSource | undefined): SafetensorsReader {
  checkSource('openShards(index)', index);
  checkFunction('openShards(shard)', shard);
  const { weightMap, totalSizeBytes } = decodeShardIndex(index.read(0, index.sizeBytes), index.name);
  const readers = new Map<string, SafetensorsReader>();
  for (const file of [...new Set(weightMap.values())].sort()) {
    const source = shard(file);
    if (source === undefined) {
      throw new CorruptDataError('safetensors-index', index.name, `shard ${JSON.stringify(file)} is missing`);
    }
    readers.set(file, openSafetensors(source));
  }
  for (const [tensor, file] of weightMap) {
    if (readers.get(file)?.entry(tensor) === undefined) {
      throw new CorruptDataError(
        'safetensors-index',
        `${index.name}, tensor ${JSON.stringify(tensor)}`,
        `not in ${file}`,
      );
    }
  }

  const warnings: string[] = [];
  const metadata = new Map<string, string>();
  const entries = new Map<string, SafetensorsEntry>();
  let sizeBytes = 0;
  for (const [file, reader] of readers) {
    for (const [key, text] of reader.metadata) {
      if (!metadata.has(key)) metadata.set(key, text);
      else if (metadata.get(key) !== text) warnings.push(`metadata ${JSON.stringify(key)} of ${file} differs`);
    }
    for (const entry of reader.entries()) {
      sizeBytes += entry.sizeBytes;
      if (weightMap.get(entry.name) === file) entries.set(entry.name, entry);
      else warnings.push(`tensor ${JSON.stringify(entry.name)} of ${file} is not listed there by ${index.name}`);
    }
  }
  if (totalSizeBytes !== undefined && totalSizeBytes !== sizeBytes) {
    warnings.push(`${index.name} gives a total size of ${totalSizeBytes} bytes, the shards hold ${sizeBytes}`);
  }

  return {
    metadata,
    warnings,
    entries: () => entries.values(),
    entry: (name) => entries.get(name),
    read(name, into) {
      const reader = readers.get(weightMap.get(name) ?? '');
      if (reader === undefined) {
        throw new RangeError(`read(name): expected a tensor of ${index.name}, received ${JSON.stringify(name)}`);
      }
      return reader.read(name, into);
    },
  };
}
